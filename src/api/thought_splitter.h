// ThoughtSplitter: tells a model's thoughts, written between tags at the beginning of its answer,
// from the answer itself.
//
// Text that may be the beginning of a tag is held back. Thread: one at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chat/tool_format.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::api {

enum class Thoughts : uint8_t {
  kPlain,   // text like any other
  kTagged,  // of an answer that may begin with the opening tag
  kBegun,   // the prompt has written that tag already
};
enum class ThoughtText : uint8_t {
  kTrimmed,    // without tags and the blanks around them
  kAsWritten,  // tags and all
};

class ThoughtSplitter {
 public:
  struct Part {
    bool thought = false;
    std::string text;
  };
  explicit ThoughtSplitter(Thoughts thoughts, chat::ThoughtTags tags = {"<think>", "</think>"},
                           ThoughtText text = ThoughtText::kTrimmed);

  // RETURNS what can be told apart now, one part or two.
  std::vector<Part> push(std::string_view text);
  // The end of the answer: RETURNS what was held back.
  std::vector<Part> finish();
  bool in_thought() const { return state_ == State::kOpened || state_ == State::kInside; }

 private:
  enum class State : uint8_t { kBefore, kOpened, kInside, kBehind, kAnswer };
  void step(std::vector<Part>& out);
  void step_inside(std::vector<Part>& out);
  void leave_thought(size_t n, std::vector<Part>& out);
  chat::ThoughtTags tags_;
  bool as_written_;
  State state_;
  std::string held_;
};

// How the answer to a prompt that ends in `tail` begins.
Thoughts thoughts_behind(std::string_view tail, chat::ThoughtTags tags = {"<think>", "</think>"});

}  // namespace samovar::api
