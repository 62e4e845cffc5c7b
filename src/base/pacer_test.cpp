#include "base/pacer.h"

#include <doctest/doctest.h>

namespace samovar {
namespace {

constexpr int64_t kMs = 1'000'000;

TEST_CASE("who takes a whole core of half a core sleeps half of the time") {
  Pacer pacer;
  pacer.set_quota(0.5 + 0.03, 100 * kMs);
  int64_t wall = 7 * kMs, cpu = 3 * kMs, slept = 0;
  CHECK(pacer.owed_ns(wall, cpu) == 0);
  for (int i = 0; i < 100; ++i) {
    wall += kMs;
    cpu += kMs;
    const int64_t owed = pacer.owed_ns(wall, cpu);
    wall += owed;
    slept += owed;
  }
  CHECK(slept >= 97 * kMs);
  CHECK(slept <= 101 * kMs);
}

TEST_CASE("who takes less sleeps never, and saves little up") {
  Pacer pacer;
  pacer.set_quota(1 + 0.03, 100 * kMs);
  int64_t wall = kMs, cpu = 0;
  CHECK(pacer.owed_ns(wall, cpu) == 0);
  CHECK(pacer.owed_ns(wall += 1000 * kMs, cpu += 10 * kMs) == 0);
  // Two cores for 10 ms: 20 ms of CPU time, of which 10 were there and kBurstNs was saved.
  CHECK(pacer.owed_ns(wall += 10 * kMs, cpu += 20 * kMs) == 10 * kMs - Pacer::kBurstNs);
}

TEST_CASE("an old debt is not paid twice") {
  Pacer pacer;
  pacer.set_quota(0.5 + 0.03, 100 * kMs);
  CHECK(pacer.owed_ns(kMs, 0) == 0);
  CHECK(pacer.owed_ns(2 * kMs, 5000 * kMs) == 200 * kMs);
}

TEST_CASE(
    "who knows when periods begin works through each quota at once, then sleeps to the next") {
  Pacer pacer;
  pacer.set_quota(0.5, 100 * kMs);
  pacer.set_period_start(7 * kMs);
  int64_t wall = 207 * kMs, cpu = 0, sleeps = 0;
  CHECK(pacer.owed_ns(wall, cpu) == 0);
  while (wall < 1207 * kMs) {
    wall += kMs;
    cpu += kMs;
    const int64_t owed = pacer.owed_ns(wall, cpu);
    wall += owed;
    if (owed == 0) continue;
    ++sleeps;
    CHECK(wall % (100 * kMs) == 7 * kMs);
  }
  CHECK(sleeps == 10);
  CHECK(cpu == 480 * kMs);
}

TEST_CASE("a period that begins in the middle of work has its whole quota") {
  Pacer pacer;
  pacer.set_quota(1, 100 * kMs);
  pacer.set_period_start(1000 * kMs);
  CHECK(pacer.owed_ns(1090 * kMs, 0) == 0);
  CHECK(pacer.owed_ns(1099 * kMs, 9 * kMs) == 0);
  CHECK(pacer.owed_ns(1101 * kMs, 11 * kMs) == 0);
  CHECK(pacer.owed_ns(1195 * kMs, 105 * kMs) == 0);
  CHECK(pacer.owed_ns(1197 * kMs, 107 * kMs) == 3 * kMs);
}

TEST_CASE("a beginning in the future is none") {
  Pacer pacer;
  pacer.set_quota(0.53, 100 * kMs);
  pacer.set_period_start(1000 * kMs);
  CHECK(pacer.owed_ns(kMs, 0) == 0);
  CHECK(pacer.owed_ns(2 * kMs, 3 * kMs) == 5 * kMs);
}

TEST_CASE("without a limit there is nothing to pay") {
  Pacer pacer;
  CHECK_FALSE(pacer.is_on());
  CHECK(pacer.owed_ns(kMs, 0) == 0);
  CHECK(pacer.owed_ns(2 * kMs, 5000 * kMs) == 0);
}

}  // namespace
}  // namespace samovar
