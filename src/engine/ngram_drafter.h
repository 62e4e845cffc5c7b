// NgramDrafter: guesses what comes next in a text from what followed the same tokens before.
//
// Prompt lookup (Saxena 2023, "Prompt Lookup Decoding"): no second model. Guesses cost nothing;
// what costs is checking them in a step, so it counts how often they would have been right and
// drafts only as far as that pays. Must not decide what is answered: drafts are checked against the
// tokens that are drawn anyway. Thread: one at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace samovar::engine {

class NgramDrafter {
 public:
  // For a text of at most n_tokens; takes all its memory here.
  explicit NgramDrafter(size_t n_tokens);

  // The text goes on with `token`. No allocation inside the n_tokens of the constructor.
  void accept(int32_t token);
  // Up to `max` tokens that may come next, as many as are worth a check; valid until accept().
  std::span<const int32_t> draft(size_t max) const;

 private:
  static constexpr size_t kGram = 3;  // tokens that must agree
  // A draft's token is worth its row while it holds with this probability: a row more makes a step
  // of few rows some 8 to 10 % longer (docs/performance.md), and what comes behind it is lost too.
  static constexpr float kWorth = 0.2F;
  bool has_guess() const { return guess_ > 0 && guess_ < text_.size(); }

  std::vector<int32_t> text_;
  std::vector<uint32_t>
      ends_;               // hash of kGram tokens -> position behind their last occurrence; 0: none
  size_t guess_ = 0;       // position in text_ of the guessed next token; 0: none
  float hit_rate_ = 0.4F;  // of guesses, smoothed
};

}  // namespace samovar::engine
