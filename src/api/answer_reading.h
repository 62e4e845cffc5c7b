// How the answer to a prompt is to be read: whether the model has begun to think in it, and what it
// may call. Include from .cpp files only.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/answer_reader.h"
#include "api/fields.h"
#include "api/reasoning_fields.h"
#include "api/served_model.h"
#include "api/tool_fields.h"
#include "engine/thought_watch.h"
#include "grammar/grammar.h"

#include <cstdint>
#include <optional>
#include <span>

namespace samovar::api {

// `begun`: of an answer that the request has begun; else the prompt's end tells.
AnswerReading answer_reading(const ServedModel& served, std::span<const int32_t> prompt,
                             const ToolWish& tools, std::optional<Thoughts> begun = std::nullopt);

// How an answer goes on that the request has begun, if it has.
std::optional<Thoughts> begun_thoughts(const ChatPrompt& prompt, chat::ThoughtTags tags);

// Whether an answer may still think. `wished`: by the request; a template may open a thought though
// it was told not to.
bool may_think(bool wished, const AnswerReading& reading);

// Where the prompt has opened a thought, the answer's grammar is in it already.
void begin_grammar(const AnswerReading& reading, std::optional<grammar::Grammar>& grammar);

// What keeps a thought short, where the model has any and the request has a limit. A closing tag in
// its last words is a problem, left in `fields`.
std::optional<engine::ThoughtWatch> thought_watch(Fields& fields, const ServedModel& served,
                                                  const AnswerReading& reading,
                                                  const ReasoningWish& wish);

}  // namespace samovar::api
