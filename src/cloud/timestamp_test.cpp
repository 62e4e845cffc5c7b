// Points in time of the cloud's answers.
#include "cloud/timestamp.h"

#include <doctest/doctest.h>

namespace samovar::cloud {
namespace {

TEST_CASE("RFC 3339 times are read, with fractions and zones") {
  CHECK(parse_rfc3339_us("1970-01-01T00:00:00Z") == 0);
  CHECK(parse_rfc3339_us("2023-11-14T22:13:20Z") == 1'700'000'000'000'000);
  CHECK(parse_rfc3339_us("2023-11-14T22:13:20.123456789Z") == 1'700'000'000'123'456);
  CHECK(parse_rfc3339_us("2023-11-15T01:13:20.5+03:00") == 1'700'000'000'500'000);
  CHECK(parse_rfc3339_us("2023-11-14T20:13:20-02:00") == 1'700'000'000'000'000);
}

TEST_CASE("What is no time is none") {
  for (const char* text : {"", "2023", "2023-11-14", "2023-11-14T22:13:20", "2023-11-14T22:13:20.Z",
                           "2023-13-14T22:13:20Z", "2023-11-00T22:13:20Z", "x023-11-14T22:13:20Z",
                           "2023-11-14T22:13:20Zz", "2023-11-14 22:13:20Z"}) {
    CHECK_FALSE(parse_rfc3339_us(text));
  }
}

}  // namespace
}  // namespace samovar::cloud
