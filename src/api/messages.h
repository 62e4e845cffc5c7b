// Messages: the conversation of a chat request, checked and brought into the form templates expect.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/fields.h"
#include "json/json.h"

#include <string>

namespace samovar::api {

struct Conversation {
  json::Value messages;  // array of {"role", "content", ...}: contents are strings
  // The beginning of the answer, from a last message by the assistant; it is not in `messages`.
  std::string prefill;
  std::string prefill_thought;  // that message's `reasoning_content`
};

// The text of one content part; a problem is left in `fields` for anything else.
std::string part_text(Fields& fields, const json::Value& part, const std::string& path);

// Reads `messages`: roles, contents (text parts are joined with a line feed, those of the
// prefill with two), the assistant's last message as prefill: it may lack its content where it has
// a thought. Problems are left in `fields`, with the path of the part.
Conversation read_messages(Fields& fields);

}  // namespace samovar::api
