// Chat messages in OpenAI's shape, made fit for what a given template takes.
//
// Templates differ: some take content as a string only, some as a list of parts; some want the
// arguments of a tool call as an object. probe() finds out by rendering once, at load. Thread: pure
// functions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "chat/template.h"
#include "json/json_fwd.h"

#include <span>
#include <string>

namespace samovar::chat {

struct Message {
  std::string role;
  std::string content;
};

struct Capabilities {
  bool string_content = true;    // shows "content": "text"
  bool part_content = false;     // shows "content": [{"type": "text", "text": ...}] as text
  bool system_role = true;       // shows a system message
  bool developer_role = false;   // knows that role by name
  bool tools = false;            // shows `tools`
  bool tool_calls = false;       // shows the calls of an assistant message
  bool object_arguments = true;  // shows their arguments as JSON when given as an object
};
Capabilities probe(const Template& chat_template);

// [{"role": ..., "content": ...}, ...]
json::Value to_json(std::span<const Message> messages);

// Checks OpenAI's shape and rewrites `messages` (an array) for the template: developer becomes
// system, content becomes what the template shows (text parts joined with one newline), null
// content becomes "", arguments become an object or a string, `reasoning` becomes
// `reasoning_content`. kInvalidArgument names the message that is wrong.
Status normalize_messages(json::Value& messages, const Capabilities& capabilities);

// What a template is rendered with. Pointers are BORROWED and may be null, apart from messages.
// Tools and documents that are absent stay undefined: some templates cannot take None.
struct Prompt {
  const json::Value* messages = nullptr;
  const json::Value* tools = nullptr;
  const json::Value* documents = nullptr;
  const json::Value* extra = nullptr;  // an object: chat_template_kwargs
  std::string bos_token = "";
  std::string eos_token = "";
  bool add_generation_prompt = true;
};

// The context for Template::render. Names in `extra` that would replace messages, tools or a
// special token are refused: they decide what is trusted.
Result<json::Value> make_context(const Prompt& prompt);

}  // namespace samovar::chat
