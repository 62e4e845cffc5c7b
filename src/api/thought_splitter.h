// ThoughtSplitter: tells a model's thoughts, written between <think> and </think> at the beginning
// of its answer, from the answer itself.
//
// Text that may be the beginning of a tag is held back. Thread: one at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::api {

enum class Thoughts : uint8_t {
  kPlain,   // text like any other
  kTagged,  // of an answer that may begin with <think>
  kBegun,   // the prompt has written <think> already
};

class ThoughtSplitter {
 public:
  struct Part {
    bool thought = false;
    std::string text;
  };
  explicit ThoughtSplitter(Thoughts thoughts);

  // RETURNS what can be told apart now, one part or two.
  std::vector<Part> push(std::string_view text);
  // The end of the answer: RETURNS what was held back.
  std::vector<Part> finish();

 private:
  enum class State : uint8_t { kBefore, kOpened, kInside, kBehind, kAnswer };
  void step(std::vector<Part>& out);
  State state_;
  std::string held_;
};

// How the answer to a prompt that ends in `tail` begins.
Thoughts thoughts_behind(std::string_view tail);

}  // namespace samovar::api
