// ToolCallParser: an answer's text, as it comes, becomes text and calls of tools.
//
// A call's arguments leave while they are written, byte for byte as the model writes them; whether
// they are JSON is the grammar's business (grammar/answer_grammar.h). No text of a marker leaves
// with the answer's text, however it is cut into pieces; what only looks like one does. Knows
// neither tokens nor HTTP. Thread: one at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chat/tool_format.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::chat {

struct AnswerPart {
  enum class Kind : uint8_t {
    kText,
    kThought,    // not from this parser
    kCall,       // begins: `text` is the tool's name
    kArguments,  // more of the last call's
    kCallEnd,    // the last call's arguments are complete
  };
  Kind kind = Kind::kText;
  std::string text;
};

class ToolCallParser {
 public:
  // `names`: of the tools that an answer without any marker may call.
  explicit ToolCallParser(const ToolFormat& format, std::vector<std::string> names = {});

  // Appends what is certain now to `out`.
  void push(std::string_view text, std::vector<AnswerPart>& out);
  // The answer's end: what was held back, but for a call that has barely begun.
  void finish(std::vector<AnswerPart>& out);
  // True once a call has begun whose arguments have no end.
  bool in_call() const { return state_ == State::kName || state_ == State::kArguments; }

 private:
  enum class State : uint8_t {
    kBeginning,  // of the answer, where a bare call may stand
    kText,       // until a call
    kName,       // of a call
    kArguments,  // of a call
    kBehind,     // a call: another one, or the end
    kOver,       // what still comes is nobody's
  };
  void step(std::vector<AnswerPart>& out);
  void read_text(std::vector<AnswerPart>& out);
  void read_beginning(std::vector<AnswerPart>& out);
  void begin_call(std::string name, std::vector<AnswerPart>& out);
  void read_name(std::vector<AnswerPart>& out);
  void read_arguments(std::vector<AnswerPart>& out);
  void read_behind();
  size_t arguments_size();
  void leave(AnswerPart::Kind kind, size_t n, std::vector<AnswerPart>& out);

  const ToolFormat* format_;
  std::vector<std::string> names_;
  std::string first_, next_;  // what stands before the first call's name, before another's
  std::string held_;
  State state_;
  bool is_bare_ = false;  // the call has nothing around it
  int64_t depth_ = 0;     // of the arguments so far
  bool in_string_ = false, escaped_ = false;
};

}  // namespace samovar::chat
