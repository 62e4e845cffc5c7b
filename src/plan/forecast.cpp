#include "plan/forecast.h"

#include <algorithm>

namespace samovar::plan {
namespace {

// 0: not known.
double seconds(double work, double per_second) {
  return per_second > 0 ? work / per_second : 0;
}

double rate(double seconds_of_one) {
  return seconds_of_one > 0 ? 1 / seconds_of_one : 0;
}

}  // namespace

Forecast forecast(const TokenCost& cost, const MachineSpeed& speed) {
  const double peak = kPeakShare * speed.macs_per_second;
  const double read =
      seconds(cost.weight_bytes + cost.kv_bytes, kReadShare * speed.bytes_per_second);
  return {
      .prompt_per_second = rate(seconds(cost.layer_macs, peak)),
      .answer_per_second = rate(std::max(read, seconds(cost.layer_macs + cost.logit_macs, peak)))};
}

}  // namespace samovar::plan
