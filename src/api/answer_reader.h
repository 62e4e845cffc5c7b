// AnswerReader: the text of one answer becomes thoughts, text and calls of tools.
//
// Knows neither tokens nor JSON's meaning. Thread: one at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/answer_shape.h"
#include "api/thought_splitter.h"
#include "chat/tool_call_parser.h"
#include "chat/tool_format.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::api {

// How the text of a request's answers is to be read.
struct AnswerReading {
  Thoughts thoughts = Thoughts::kPlain;
  chat::ThoughtTags tags;
  bool thoughts_as_text = false;            // they stay in the text, with their tags
  const chat::ToolFormat* tools = nullptr;  // null: the request has no tools
  std::vector<std::string> tool_names;      // that may be called
};

class AnswerReader {
 public:
  struct Part : chat::AnswerPart {
    size_t i_call = 0;  // into calls(), for parts of calls
  };
  explicit AnswerReader(const AnswerReading& reading);

  std::vector<Part> push(std::string_view text);
  // The answer's end: what was held back.
  std::vector<Part> finish();

  bool in_thought() const { return splitter_.in_thought(); }
  // As far as they are known. A call is whole from its kCallEnd on.
  const std::vector<ToolCall>& calls() const { return calls_; }
  // True when there are calls and all are whole.
  bool called() const { return !calls_.empty() && !parser_->in_call(); }

 private:
  void read(const std::vector<ThoughtSplitter::Part>& parts, std::vector<Part>& out);
  void take(chat::AnswerPart part, std::vector<Part>& out);

  AnswerReading reading_;
  ThoughtSplitter splitter_;
  std::optional<chat::ToolCallParser> parser_;
  std::vector<ToolCall> calls_;
};

}  // namespace samovar::api
