// AnswerShape: how text, end and counts of one answer look as JSON, for each API that gives
// answers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/request.h"
#include "json/json_fwd.h"

#include <memory>
#include <string>
#include <string_view>

namespace samovar::api {

// Members that every object of one answer carries.
struct AnswerHead {
  std::string id;  // "chatcmpl-..." or "cmpl-..."
  std::string model;
  int64_t created_unix_s = 0;
};

// How an answer ended.
struct Outcome {
  std::string_view finish_reason;  // "stop" or "length"
  engine::Timings timings;
};

class AnswerShape {
 public:
  virtual ~AnswerShape() = default;
  // The whole answer, for a request without stream.
  virtual json::Value whole(std::string_view text, const Outcome& outcome) const = 0;
  // The events of a stream: before any text (null: none), a piece of text, the end.
  virtual json::Value first_event() const = 0;
  virtual json::Value text_event(std::string_view text) const = 0;
  virtual json::Value last_event(const Outcome& outcome) const = 0;
  // One more event with the counts (null: none).
  virtual json::Value usage_event(const Outcome& outcome) const = 0;
};

std::unique_ptr<AnswerShape> chat_shape(AnswerHead head, bool include_usage);
std::unique_ptr<AnswerShape> completion_shape(AnswerHead head);

// `prefix` and 32 random letters and digits.
std::string make_id(std::string_view prefix);

}  // namespace samovar::api
