// The members of a chat request that become its prompt.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/chat_format.h"
#include "api/fields.h"

#include <cstdint>
#include <optional>

namespace samovar::api {

// Reads messages, chat_template_kwargs, add_generation_prompt, continue_final_message and, for the
// template only, tools. Problems are left in `fields`.
ChatPrompt read_chat_prompt(Fields& fields);

// What a client hears when the template refuses its messages.
ApiError template_error(const Status& status);

}  // namespace samovar::api
