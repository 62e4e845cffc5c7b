#include "api/chat_request.h"

#include "api/messages.h"
#include "json/json.h"

#include <optional>
#include <string>

#include <fmt/format.h>

namespace samovar::api {
namespace {

json::Value read_kwargs(Fields& fields) {
  const json::Value* kwargs = fields.find("chat_template_kwargs");
  if (kwargs == nullptr) return json::Value::object();
  if (!kwargs->is_object()) {
    fields.fail_type("chat_template_kwargs", "an object", *kwargs);
    return json::Value::object();
  }
  Fields(fields, "chat_template_kwargs", *kwargs).boolean("enable_thinking", true);
  return *kwargs;
}

// A boolean, or the name of the part that goes on.
std::optional<GoesOn> read_continue(Fields& fields) {
  const json::Value* value = fields.find("continue_final_message");
  if (value == nullptr || *value == json::Value(false)) return std::nullopt;
  if (value->is_boolean()) return GoesOn::kAnswer;
  const std::string part = fields.string("continue_final_message", "");
  if (part == "content") return GoesOn::kAnswer;
  if (part == "reasoning_content") return GoesOn::kThought;
  fields.fail(bad_field("continue_final_message", "invalid_value",
                        "`continue_final_message` must be true, false, \"content\" or "
                        "\"reasoning_content\""));
  return std::nullopt;
}

void check_thought_goes_on(Fields& fields, const ChatPrompt& prompt) {
  if (!prompt.prefill_thought.empty() && prompt.prefill.empty()) return;
  fields.fail(bad_field("continue_final_message", "invalid_value",
                        "`continue_final_message` can be \"reasoning_content\" only where the last "
                        "message is the assistant's and has that member, and no content"));
}

}  // namespace

ChatRequest read_chat_request(Fields& fields, const ReasoningDefaults& defaults) {
  Conversation conversation = read_messages(fields);
  ChatRequest out{.prompt = {.messages = std::move(conversation.messages)},
                  .tools = read_tools(fields)};
  ChatPrompt& prompt = out.prompt;
  prompt.prefill = std::move(conversation.prefill);
  prompt.prefill_thought = std::move(conversation.prefill_thought);
  prompt.kwargs = read_kwargs(fields);
  prompt.tools = out.tools.shown;
  out.reasoning = read_reasoning(fields, defaults, prompt.kwargs);
  const auto thinks = prompt.kwargs.find("enable_thinking");
  out.may_think = thinks == prompt.kwargs.end() || *thinks != json::Value(false);
  if (!out.may_think) out.reasoning.max_tokens = 0;  // should the template open one all the same
  const std::optional<GoesOn> goes_on = read_continue(fields);
  const bool continues = goes_on.has_value();
  prompt.goes_on = goes_on.value_or(GoesOn::kAnswer);
  if (goes_on == GoesOn::kThought) check_thought_goes_on(fields, prompt);
  const bool asks_prompt = fields.boolean("add_generation_prompt", !continues);
  if (continues && asks_prompt) {
    fields.fail(bad_field("add_generation_prompt", "invalid_value",
                          "`add_generation_prompt` and `continue_final_message` cannot both be "
                          "true"));
  }
  // What goes on stands behind the words that begin an answer.
  prompt.add_generation_prompt =
      asks_prompt || !prompt.prefill.empty() || !prompt.prefill_thought.empty();
  return out;
}

ApiError template_error(const Status& status) {
  ApiError error = from_status(status);
  error.http = 400;
  error.type = "invalid_request_error";
  error.code.clear();
  error.param = "messages";
  return error;
}

}  // namespace samovar::api
