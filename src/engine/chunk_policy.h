// ChunkPolicy: how many rows of prompts a step may hold beside the rows of answers, so that no
// prompt stalls a running answer.
//
// Without answers a step is as large as it may be. Beside answers the chunk grows and shrinks until
// a step takes at most kStretch times as long as one of answers alone. Sizes change when text
// comes, never which text. Thread: the engine thread only.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <cstdint>

namespace samovar::engine {

class ChunkPolicy {
 public:
  static constexpr double kStretch = 1.8;  // below 2, since a step's time varies
  static constexpr int64_t kMinRows = 4;   // a prompt always moves on
  // While other engines compute too: steps stay short enough for their answers, and prompts keep
  // most of their speed.
  static constexpr int64_t kSharedRows = 64;

  explicit ChunkPolicy(int64_t max_rows) : max_rows_(max_rows) {}

  // Rows of prompts in a step with n_answer_rows other rows.
  int64_t prompt_rows(int64_t n_answer_rows) const {
    if (n_answer_rows == 0) return max_rows_;
    return std::max<int64_t>(0, std::min(chunk_, max_rows_ - n_answer_rows));
  }

  // Rows that guesses at how n_answers answers go on may take: with a prompt beside them those of
  // kMinRows are not theirs.
  int64_t draft_rows(int64_t n_answers, bool prompt_waits) const {
    return std::max<int64_t>(0, max_rows_ - n_answers - (prompt_waits ? kMinRows : 0));
  }

  // Learns from a step that took `us`.
  void step_took(int64_t n_answer_rows, int64_t n_prompt_rows, int64_t us) {
    if (n_answer_rows == 0) return;
    const auto took = static_cast<double>(us);
    if (n_prompt_rows == 0) {
      alone_us_ = alone_us_ == 0 ? took : alone_us_ + (took - alone_us_) / 8;
    } else if (alone_us_ > 0 && took > kStretch * alone_us_) {
      chunk_ = std::max(kMinRows, chunk_ * 3 / 4);
    } else if (alone_us_ > 0 && n_prompt_rows >= chunk_) {
      chunk_ = std::min(max_rows_, chunk_ + std::max<int64_t>(1, chunk_ / 8));
    }
  }

 private:
  int64_t max_rows_;
  int64_t chunk_ = 16;
  double alone_us_ = 0;  // smoothed time of a step of answers alone; 0: not known yet
};

}  // namespace samovar::engine
