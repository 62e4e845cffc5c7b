// The flags that set how tokens are drawn.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "cli/flags.h"
#include "sample/params.h"

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace samovar::cli {

class SamplingFlags {
 public:
  void declare(Flags& flags);
  // The keys of model files that flags of the user replace: "temp", ...
  std::vector<std::string> given() const;
  // kInvalidArgument names the flag and its range. Without --seed one is drawn.
  Result<sample::Params> params() const;
  int64_t n_predict() const { return n_predict_; }  // -1: to the end of the context
  bool context_shift() const { return context_shift_ && !no_context_shift_; }
  int64_t n_keep() const { return n_keep_; }  // -1: the prompt
  std::optional<uint32_t> seed() const {
    return seed_ < 0 ? std::nullopt : std::optional(static_cast<uint32_t>(seed_));
  }

 private:
  struct Given {
    const char* key;
    bool given = false;
  };
  std::array<Given, 6> given_ = {
      {{"temp"}, {"top_k"}, {"top_p"}, {"min_p"}, {"penalty_repeat"}, {"penalty_last_n"}}};
  double temperature_ = 0.8, top_p_ = 0.95, min_p_ = 0.05, typical_ = 1.0;
  double repeat_penalty_ = 1.0, presence_penalty_ = 0.0, frequency_penalty_ = 0.0;
  int64_t top_k_ = 40, repeat_last_n_ = 64, seed_ = -1, n_predict_ = -1, n_keep_ = 0;
  bool context_shift_ = false, no_context_shift_ = false;
};

}  // namespace samovar::cli
