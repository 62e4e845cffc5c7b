// AnswerShape: how text, ends and counts of one answer look as JSON, for each API that gives
// answers.
//
// An answer has one choice or several; choice `index` belongs to prompt index / n. Shapes know
// nothing of framing (Delivery does) nor of the engine. Thread: const.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chat/tool_call_parser.h"
#include "engine/request.h"
#include "json/json_fwd.h"
#include "sample/chances.h"

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::api {

// Members that every object of one answer carries.
struct AnswerHead {
  std::string id;  // "chatcmpl-..." or "cmpl-..."
  std::string model;
  int64_t created_unix_s = 0;
};

// A token of an answer, for those who asked for tokens or chances.
struct ShownToken {
  int32_t id = -1;
  std::string bytes;                                    // of the text that was shown
  std::shared_ptr<const sample::TokenChances> chances;  // null: not asked
};

// A call of one of the request's tools.
struct ToolCall {
  std::string id, name;
  std::string arguments;  // JSON text; a beginning of it where the answer was cut
};

// What one event of a stream shows. BORROWS.
struct Piece {
  int64_t index = 0;
  chat::AnswerPart::Kind kind = chat::AnswerPart::Kind::kText;
  std::string_view text;  // of the answer, of a thought, or more of a call's arguments
  size_t i_call = 0;      // of this answer; the call is whole with kCallEnd
  const ToolCall* call = nullptr;
  int64_t text_begin = 0;  // characters of the choice's text before this
  std::span<const ShownToken> tokens;
  engine::Timings timings;  // so far
  int32_t slot = -1;
};

// How far a prompt is: timings.n_prompt of its tokens are computed.
struct PromptProgress {
  int64_t index = 0;
  int64_t n_total = 0;
  engine::Timings timings;
  int32_t slot = -1;
};

enum class StopType : uint8_t {
  kEnd,    // the model ended its answer
  kLimit,  // of tokens, context or time
  kWord,   // a stop string was seen
};

// How a choice ended.
struct Outcome {
  int64_t index = 0;
  StopType stop = StopType::kEnd;
  std::string stopping_word;
  bool truncated = false;  // the context was full, whether it ended the answer or dropped tokens
  bool has_new_line = false;
  int32_t slot = -1;
  engine::Timings timings;
  std::vector<int32_t> ids;  // of all its tokens, if they were asked for
  int64_t n_thought_tokens = 0;
  bool called = false;  // it has calls, and all of them are whole
  // Of a whole answer; empty in a stream.
  std::string text;
  std::string thought;  // what the model thought before
  std::vector<ToolCall> calls;
  std::vector<ShownToken> tokens;
};

class AnswerShape {
 public:
  virtual ~AnswerShape() = default;
  // The whole answer, for a request without stream; by index.
  virtual json::Value whole(std::span<const Outcome> outcomes) const = 0;
  // The events of a stream (null: none): before any text of a choice, while its prompt runs, a
  // piece of its text, its end. `all` holds the outcomes once every choice has ended, else nothing.
  virtual json::Value first_event(int64_t index) const = 0;
  virtual json::Value progress_event(const PromptProgress& progress) const = 0;
  virtual json::Value text_event(const Piece& piece) const = 0;
  virtual json::Value last_event(const Outcome& outcome, std::span<const Outcome> all) const = 0;
  // One more event with the counts (null: none).
  virtual json::Value usage_event(std::span<const Outcome> all) const = 0;
};

// `prefix` and `n` random letters and digits.
std::string make_id(std::string_view prefix, size_t n = 32);

}  // namespace samovar::api
