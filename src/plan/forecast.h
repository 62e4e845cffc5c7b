// Forecast: how fast a model will be here, from what it asks of a token and what the machine gives.
//
// Generation reads every hot weight and the keys and values before it; prompts multiply. Both reach
// a known share of the machine's peak (docs/performance.md):
//   answer = 1 / max(bytes / (0.9 * read speed), macs / (0.5 * peak))
//   prompt = 0.5 * peak / macs, without the logits, which only the last token needs
// Thread: plain values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace samovar::plan {

struct MachineSpeed {
  double bytes_per_second = 0;  // read by all threads
  double macs_per_second = 0;   // 8-bit multiply-adds; 0: not known
};

// Of one token.
struct TokenCost {
  double layer_macs = 0, logit_macs = 0;
  double weight_bytes = 0, kv_bytes = 0;
};

struct Forecast {
  double prompt_per_second = 0;  // tokens; 0: not known
  double answer_per_second = 0;
};

inline constexpr double kReadShare = 0.9, kPeakShare = 0.5;

Forecast forecast(const TokenCost& cost, const MachineSpeed& speed);

}  // namespace samovar::plan
