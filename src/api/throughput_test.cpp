#include "api/throughput.h"

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

constexpr int64_t kSecond = 1'000'000;

Throughput throughput(std::string_view window) {
  return Throughput(*parse_throughput_window(window));
}

TEST_CASE("the window of a scrape begins at the one before, and an idle server shows 0") {
  Throughput rate = throughput("scrape");
  CHECK(rate.read(100, 2 * kSecond, 5 * kSecond, true) == 50);
  CHECK(rate.read(130, 3 * kSecond, 9 * kSecond, true) == 30);
  CHECK(rate.read(130, 3 * kSecond, 10 * kSecond, true) == 0);
}

TEST_CASE("a second reader that leaves the window alone does not end it") {
  Throughput rate = throughput("scrape");
  CHECK(rate.read(100, 2 * kSecond, 5 * kSecond, false) == 50);
  CHECK(rate.read(100, 2 * kSecond, 6 * kSecond, true) == 50);
  CHECK(rate.read(100, 2 * kSecond, 7 * kSecond, true) == 0);
}

TEST_CASE("the window of a lifetime is all of it") {
  Throughput rate = throughput("lifetime");
  CHECK(rate.read(100, 2 * kSecond, 5 * kSecond, true) == 50);
  CHECK(rate.read(200, 5 * kSecond, 9 * kSecond, true) == 40);
  CHECK(rate.read(200, 5 * kSecond, 90 * kSecond, true) == 40);
}

TEST_CASE("a window of seconds begins at the last reading before it") {
  Throughput rate = throughput("30s");
  CHECK(rate.read(100, 2 * kSecond, 10 * kSecond, true) == 50);
  CHECK(rate.read(160, 4 * kSecond, 30 * kSecond, true) == 40);
  CHECK(rate.read(160, 4 * kSecond, 45 * kSecond, true) == 30);  // since 10 s
  CHECK(rate.read(160, 4 * kSecond, 70 * kSecond, true) == 0);   // since 30 s
}

TEST_CASE("totals that begin anew with another model begin a new window") {
  Throughput rate = throughput("scrape");
  rate.read(100, 2 * kSecond, 5 * kSecond, true);
  CHECK(rate.read(10, kSecond, 6 * kSecond, true) == 10);
  CHECK(rate.read(30, 2 * kSecond, 7 * kSecond, true) == 20);
}

TEST_CASE("windows that mean nothing are refused") {
  for (const char* text : {"", "s", "0s", "-1s", "30", "30m", "1.5s", "99999s", "Scrape"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_throughput_window(text).ok());
  }
}

}  // namespace
}  // namespace samovar::api
