// ChatFormat: how a model wants a conversation written: its own template or a built-in one.
//
// Used by the server and by the chat in the terminal. Thread: const.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "chat/message.h"
#include "chat/template.h"
#include "chat/tool_format.h"
#include "gguf/file.h"
#include "json/json.h"
#include "tokenizer/tokenizer.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::api {

constexpr std::string_view kPlainFormat = "completion";

struct ChatFormat {
  std::string name;  // "model's own template", "chatml", "completion"
  std::string note;  // what to tell the user about the choice; may be empty
  std::shared_ptr<const chat::Template> chat_template;
  chat::Capabilities capabilities;  // what that template takes
  std::vector<std::string> stop;    // stop strings that the format needs
  // How calls of tools are written; with shows_tools the template says so itself, else a text does.
  const chat::ToolFormat* tools = &chat::generic_tool_format();
  bool shows_tools = false;
  chat::ThoughtTags thoughts;  // around what the model thinks; empty: it does not
};

// `wish`: empty for the file's own template, else the name of a built-in format, or a template's
// text (which has a brace, a space or a line feed in it). Without template
// and wish: the format that the repository's or file's name suggests, else the built-in `fallback`;
// `note` says so.
Result<ChatFormat> choose_chat_format(const gguf::File& file, std::string_view wish,
                                      std::string_view fallback = kPlainFormat);

// Which part of an answer that has been begun goes on.
enum class GoesOn : uint8_t { kAnswer, kThought };

// A conversation that is to become a prompt.
struct ChatPrompt {
  json::Value messages;                        // an array in OpenAI's shape
  json::Value tools;                           // an array; null: none
  json::Value kwargs = json::Value::object();  // more template variables
  std::string prefill;                         // the beginning of the answer
  std::string prefill_thought;                 // what the model thought before that
  GoesOn goes_on = GoesOn::kAnswer;            // behind what of the two
  bool add_generation_prompt = true;
};

// The text of a conversation, its prefill included: text of the answer, behind a closed thought
// where the template opens one or there is something to put into it.
Result<chat::Rendered> render_chat_text(const ChatFormat& format,
                                        const tokenizer::Tokenizer& tokenizer, ChatPrompt prompt,
                                        int64_t now_unix_s);
// Whether the template has written the begin token itself: there must not be a second one.
bool begins_with_bos(const chat::Rendered& rendered, const tokenizer::Vocabulary& vocabulary);
// The tokens of that text. Control tokens are recognised only in the template's own text, never in
// what users wrote.
std::vector<int32_t> chat_tokens(const chat::Rendered& rendered,
                                 const tokenizer::Tokenizer& tokenizer);
// Both at once.
Result<std::vector<int32_t>> render_chat(const ChatFormat& format,
                                         const tokenizer::Tokenizer& tokenizer, ChatPrompt prompt,
                                         int64_t now_unix_s);

}  // namespace samovar::api
