#include "plan/pressure_ladder.h"

namespace samovar::plan {
namespace {

// Who waits for memory a tenth of the time is slowed down by it. To refuse work takes more: a KV
// cache that lies in swap by plan stalls too.
constexpr double kShortShare = 0.1;
constexpr double kRefuseShare = 0.4;
// Less than this part of all there may be is the last before the kernel kills.
constexpr uint64_t kLastPart = 64;

bool is_last(const PressureSigns& signs) {
  return signs.usable_bytes < signs.limit_bytes / kLastPart;
}

PressureRung next(PressureRung rung, int step) {
  return static_cast<PressureRung>(static_cast<int>(rung) + step);
}

}  // namespace

PressureRung PressureLadder::look(const PressureSigns& signs) {
  const bool leads_to_refusal = rung_ >= PressureRung::kEndIdle;
  const double share = leads_to_refusal ? kRefuseShare : kShortShare;
  const bool is_short = is_last(signs) || signs.stalled_share >= share;
  const bool is_calm = !is_last(signs) && signs.stalled_share < kShortShare;
  n_short_ = is_short ? n_short_ + 1 : 0;
  n_calm_ = is_calm ? n_calm_ + 1 : 0;
  if (n_short_ == kLooksUp && rung_ < PressureRung::kRefuse) {
    rung_ = next(rung_, 1);
    n_short_ = 0;
  }
  if (n_calm_ == kLooksDown && rung_ > PressureRung::kNone) {
    rung_ = next(rung_, -1);
    n_calm_ = 0;
  }
  return rung_;
}

}  // namespace samovar::plan
