// The members of a chat request that become its prompt.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/chat_format.h"
#include "api/fields.h"
#include "api/reasoning_fields.h"
#include "api/tool_fields.h"

namespace samovar::api {

struct ChatRequest {
  ChatPrompt prompt;
  ToolWish tools;
  ReasoningWish reasoning;
  bool may_think = true;  // the template has not heard otherwise
};

// Reads messages, chat_template_kwargs, add_generation_prompt, continue_final_message, tools and
// what is about thoughts. Problems are left in `fields`. Include from .cpp files only.
ChatRequest read_chat_request(Fields& fields, const ReasoningDefaults& defaults);

// What a client hears when the template refuses its messages.
ApiError template_error(const Status& status);

}  // namespace samovar::api
