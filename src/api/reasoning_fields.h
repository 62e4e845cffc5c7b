// The members of a chat request that are about thoughts: whether the model thinks before it
// answers, and where its thoughts go.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/fields.h"
#include "base/status.h"
#include "json/json_fwd.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace samovar::api {

enum class ReasoningFormat : uint8_t {
  kNone,    // thoughts stay in the text, with their tags
  kApart,   // they come as `reasoning_content`
  kLegacy,  // as kNone in a stream; a whole answer has them in both places
};
// "none", "auto", "deepseek", "deepseek-legacy".
std::optional<ReasoningFormat> parse_reasoning_format(std::string_view name);
std::string_view reasoning_format_name(ReasoningFormat format);

// What a request leaves open (server flags).
struct ReasoningDefaults {
  ReasoningFormat format = ReasoningFormat::kApart;
  std::optional<bool> thinks;  // nothing: as the template likes it
  int64_t max_tokens = -1;     // of a thought; -1: any number, 0: it does not think
  std::string last_words;      // that end a thought of more
};

// What a request says.
struct ReasoningWish {
  ReasoningFormat format = ReasoningFormat::kApart;
  int64_t max_tokens = -1;
  std::string last_words;
};

// Reads reasoning_format, reasoning_effort, reasoning.effort, reasoning_budget_tokens (or
// thinking_budget_tokens), reasoning_budget_message and puts what the template is to know into
// `kwargs`, an object that stands above them. Problems are left in `fields`.
ReasoningWish read_reasoning(Fields& fields, const ReasoningDefaults& defaults,
                             json::Value& kwargs);

}  // namespace samovar::api
