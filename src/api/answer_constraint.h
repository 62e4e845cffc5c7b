// What the answer to a chat must look like: the form that the request asks for, calls of its tools,
// and the thought that may come before.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/chat_format.h"
#include "api/constraint_fields.h"
#include "api/grammar_cache.h"
#include "api/tool_fields.h"
#include "grammar/grammar.h"

#include <optional>

namespace samovar::api {

// What a request says about its answer. BORROWS.
struct AnswerWish {
  const std::optional<AnswerDocument>& document;
  const ToolWish& tools;
  bool may_think = true;  // false: the answer begins at once
};

// None where the answer is free. Problems, those of schemas included, are left in `fields`; what a
// schema asks beyond the supported subset is logged and not kept to. What `cache` does not know may
// take a second: not on an I/O thread.
std::optional<grammar::Grammar> constrain_answer(Fields& fields, const ChatFormat& format,
                                                 const AnswerWish& wish, GrammarCache& cache);

}  // namespace samovar::api
