#include "api/go_duration.h"

#include "api/rfc3339.h"

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

TEST_CASE("durations of Go are sums of numbers with units") {
  CHECK(parse_go_duration("5m") == 300'000'000'000);
  CHECK(parse_go_duration("1h30m") == 5'400'000'000'000);
  CHECK(parse_go_duration("300ms") == 300'000'000);
  CHECK(parse_go_duration("1.5s") == 1'500'000'000);
  CHECK(parse_go_duration("-1m") == -60'000'000'000);
  CHECK(parse_go_duration("0") == 0);
  CHECK(parse_go_duration("7ns") == 7);
}

TEST_CASE("other texts are no durations") {
  for (const char* text :
       {"", "-", "5", "m", "5 m", "5x", "inf", "nans", "--1s", "1s-1s", "1e3s", "99999999999h"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_go_duration(text).has_value());
  }
}

TEST_CASE("times are written in UTC with microseconds, whatever their year") {
  CHECK(rfc3339(0) == "1970-01-01T00:00:00.000000Z");
  CHECK(rfc3339(1'764'175'395'000'042) == "2025-11-26T16:43:15.000042Z");
  CHECK(rfc3339(-1) == "1969-12-31T23:59:59.999999Z");
  CHECK(rfc3339(INT64_MAX).starts_with("9999-12-31T"));
  CHECK(rfc3339(INT64_MIN).starts_with("0001-01-01T"));
}

}  // namespace
}  // namespace samovar::api
