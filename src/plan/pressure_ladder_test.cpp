#include "plan/pressure_ladder.h"

#include <doctest/doctest.h>

namespace samovar::plan {
namespace {

constexpr uint64_t kGiB = uint64_t{1} << 30;
constexpr PressureSigns kCalm{0, kGiB, 8 * kGiB};
constexpr PressureSigns kSlow{0.2, kGiB, 8 * kGiB};
constexpr PressureSigns kStuck{0.6, kGiB, 8 * kGiB};
constexpr PressureSigns kLast{0, kGiB / 16, 8 * kGiB};

PressureRung after(PressureLadder& ladder, const PressureSigns& signs, int n_looks) {
  for (int i = 0; i < n_looks; ++i) ladder.look(signs);
  return ladder.rung();
}

TEST_CASE("a moment is no pressure; what lasts leads up one rung at a time") {
  PressureLadder ladder;
  for (int i = 0; i < 10; ++i) {
    CHECK(after(ladder, kStuck, PressureLadder::kLooksUp - 1) == PressureRung::kNone);
    CHECK(after(ladder, kCalm, 1) == PressureRung::kNone);
  }
  CHECK(after(ladder, kStuck, PressureLadder::kLooksUp) == PressureRung::kForget);
  CHECK(after(ladder, kStuck, PressureLadder::kLooksUp) == PressureRung::kEndIdle);
  CHECK(after(ladder, kStuck, PressureLadder::kLooksUp) == PressureRung::kRefuse);
  CHECK(after(ladder, kStuck, 100) == PressureRung::kRefuse);
}

TEST_CASE("requests are refused by heavy stalls or the last of the memory only") {
  PressureLadder slow;
  CHECK(after(slow, kSlow, 1000) == PressureRung::kEndIdle);
  PressureLadder last;
  CHECK(after(last, kLast, 3 * PressureLadder::kLooksUp) == PressureRung::kRefuse);
}

TEST_CASE("calm leads down again, slower than up; slowness holds the rung") {
  PressureLadder ladder;
  after(ladder, kStuck, 100);
  CHECK(after(ladder, kSlow, 100) == PressureRung::kRefuse);
  CHECK(after(ladder, kCalm, PressureLadder::kLooksDown) == PressureRung::kEndIdle);
  CHECK(after(ladder, kCalm, PressureLadder::kLooksDown - 1) == PressureRung::kEndIdle);
  CHECK(after(ladder, kCalm, 1) == PressureRung::kForget);
  CHECK(after(ladder, kCalm, PressureLadder::kLooksDown) == PressureRung::kNone);
  CHECK(after(ladder, kCalm, 100) == PressureRung::kNone);
}

}  // namespace
}  // namespace samovar::plan
