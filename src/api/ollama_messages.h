// Member `messages` of Ollama's chats, in OpenAI's shape.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/fields.h"
#include "json/json_fwd.h"

#include <cstddef>

namespace samovar::api {

// An array; empty when absent. Problems are left in `fields`.
json::Value read_ollama_messages(Fields& fields);

// A turn begins with a user's message and goes on to the next one.
size_t count_turns(const json::Value& messages);
// `messages` without the oldest `n` turns and what stands before them, but with every message of
// the system. REQUIRES: n < count_turns().
json::Value without_oldest_turns(const json::Value& messages, size_t n);

}  // namespace samovar::api
