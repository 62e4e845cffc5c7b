#include "chat/message.h"

#include "json/json.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace samovar::chat {
namespace {

constexpr std::array<std::string_view, 4> kTextParts{"text", "input_text", "output_text",
                                                     "refusal"};
constexpr std::array<std::string_view, 10> kReservedNames{
    "messages",  "tools",     "documents", "bos_token", "eos_token",
    "pad_token", "unk_token", "sep_token", "cls_token", "mask_token"};

Status message_error(size_t index, std::string_view what) {
  return invalid_argument(fmt::format("messages[{}]: {}", index, what));
}

// The text of one part of a message's content.
Result<std::string> part_text(const json::Value& part, size_t index) {
  if (!part.is_object() || !part.contains("type") || !part["type"].is_string()) {
    return message_error(index, "content part has no \"type\"");
  }
  const std::string type = part["type"];
  if (std::find(kTextParts.begin(), kTextParts.end(), type) == kTextParts.end()) {
    return message_error(index, fmt::format("unsupported content[].type: {}", type));
  }
  const auto text = part.find(type == "refusal" ? "refusal" : "text");
  if (text == part.end() || !text->is_string()) {
    return message_error(index, "text part has no text");
  }
  return text->get<std::string>();
}

json::Value text_part(std::string text) {
  return {{"type", "text"}, {"text", std::move(text)}};
}

Status normalize_content(json::Value& message, size_t index, const Capabilities& capabilities) {
  json::Value& content = message["content"];
  if (content.is_null()) content = "";
  if (content.is_string()) {
    const bool as_parts = !capabilities.string_content && capabilities.part_content;
    if (as_parts) content = json::Value::array({text_part(content.get<std::string>())});
    return {};
  }
  if (!content.is_array()) return message_error(index, "content must be a string or an array");
  std::string joined;
  json::Value parts = json::Value::array();
  for (const json::Value& part : content) {
    SAMOVAR_ASSIGN(std::string text, part_text(part, index));
    if (!parts.empty()) joined += '\n';
    joined += text;
    parts.push_back(text_part(std::move(text)));
  }
  content = capabilities.part_content ? std::move(parts) : json::Value(std::move(joined));
  return {};
}

Status normalize_tool_calls(json::Value& message, size_t index, const Capabilities& capabilities) {
  const auto calls = message.find("tool_calls");
  if (calls == message.end()) return {};
  if (calls->is_null() || (calls->is_array() && calls->empty())) {
    message.erase(calls);  // templates ask whether it is there
    return {};
  }
  if (!calls->is_array()) return message_error(index, "tool_calls must be an array");
  for (json::Value& call : *calls) {
    const bool shaped = call.is_object() && call.contains("function") &&
                        call["function"].is_object() && call["function"].contains("arguments") &&
                        call["function"].contains("name") && call["function"]["name"].is_string();
    if (!shaped) return message_error(index, "tool call has no function with name and arguments");
    json::Value& arguments = call["function"]["arguments"];
    if (arguments.is_string() && capabilities.object_arguments) {
      auto parsed = json::parse(arguments.get_ref<const std::string&>());
      if (parsed.ok() && parsed->is_object()) arguments = *std::move(parsed);
    } else if (arguments.is_object() && !capabilities.object_arguments) {
      arguments = json::dump(arguments);
    }
  }
  return {};
}

Status normalize_message(json::Value& message, size_t index, const Capabilities& capabilities) {
  if (!message.is_object()) return message_error(index, "must be an object");
  const auto role = message.find("role");
  if (role == message.end() || !role->is_string() || role->get_ref<const std::string&>().empty()) {
    return message_error(index, "role must be a string");
  }
  if (*role == "developer" && !capabilities.developer_role) *role = "system";
  if (message.contains("reasoning") && !message.contains("reasoning_content")) {
    message["reasoning_content"] = message["reasoning"];
    message.erase("reasoning");
  }
  SAMOVAR_TRY(normalize_content(message, index, capabilities));
  return normalize_tool_calls(message, index, capabilities);
}

constexpr std::string_view kNeedle = "needle5150";
constexpr std::string_view kSecondNeedle = "needle2468";

// What the template makes of these messages; empty when it refuses them.
std::string try_render(const Template& chat_template, const json::Value& messages,
                       const json::Value& tools) {
  auto context = make_context(
      {.messages = &messages, .tools = &tools, .bos_token = "<s>", .eos_token = "</s>"});
  if (!context.ok()) return "";
  auto rendered = chat_template.render(*context, 0);
  return rendered.ok() ? std::move(rendered->text) : "";
}

bool shows(const std::string& text, std::string_view needle) {
  return text.find(needle) != std::string::npos;
}

// A question and the call an assistant answers it with; then what the tool said, if asked for.
json::Value probe_call(bool with_answer) {
  const json::Value arguments = {{kNeedle, std::string(kSecondNeedle)}};
  const json::Value call = {{"id", "call00001"},  // Mistral's templates want nine characters
                            {"type", "function"},
                            {"function", {{"name", "probe_tool"}, {"arguments", arguments}}}};
  json::Value messages = json::Value::array(
      {{{"role", "user"}, {"content", "a"}},
       {{"role", "assistant"}, {"content", ""}, {"tool_calls", json::Value::array({call})}}});
  if (with_answer) {
    messages.push_back({{"role", "tool"},
                        {"tool_call_id", "call00001"},
                        {"name", "probe_tool"},
                        {"content", "b"}});
  }
  return messages;
}

json::Value probe_tools() {
  const json::Value parameters = {{"type", "object"}, {"properties", json::Value::object()}};
  return json::Value::array(
      {{{"type", "function"},
        {"function",
         {{"name", std::string(kNeedle)}, {"description", "d"}, {"parameters", parameters}}}}});
}

}  // namespace

Capabilities probe(const Template& chat_template) {
  const auto user = [](json::Value content) {
    return json::Value::array({{{"role", "user"}, {"content", std::move(content)}}});
  };
  const json::Value plain = user(std::string(kNeedle));
  Capabilities found;
  found.string_content = shows(try_render(chat_template, plain, nullptr), kNeedle);
  const std::string parts = try_render(
      chat_template, user(json::Value::array({text_part(std::string(kNeedle))})), nullptr);
  found.part_content =
      shows(parts, kNeedle) && !shows(parts, "'type'") && !shows(parts, "\"type\"");
  json::Value with_system = user("a");
  with_system.insert(with_system.begin(),
                     json::Value{{"role", "system"}, {"content", std::string(kNeedle)}});
  found.system_role = shows(try_render(chat_template, with_system, nullptr), kNeedle);
  found.developer_role = shows(chat_template.source(), "'developer'") ||
                         shows(chat_template.source(), "\"developer\"");
  found.tools = shows(try_render(chat_template, user("a"), probe_tools()), kNeedle);
  std::string called = try_render(chat_template, probe_call(true), probe_tools());
  if (called.empty()) called = try_render(chat_template, probe_call(false), probe_tools());
  found.tool_calls = shows(called, "probe_tool") && shows(called, kSecondNeedle);
  found.object_arguments = found.tool_calls && !shows(called, fmt::format("'{}'", kNeedle));
  return found;
}

json::Value to_json(std::span<const Message> messages) {
  json::Value array = json::Value::array();
  for (const Message& message : messages) {
    array.push_back({{"role", message.role}, {"content", message.content}});
  }
  return array;
}

Status normalize_messages(json::Value& messages, const Capabilities& capabilities) {
  if (!messages.is_array()) return invalid_argument("messages must be an array");
  for (size_t i = 0; i < messages.size(); ++i) {
    SAMOVAR_TRY(normalize_message(messages[i], i, capabilities));
  }
  return {};
}

Result<json::Value> make_context(const Prompt& prompt) {
  json::Value context = json::Value::object();
  context["messages"] = *prompt.messages;
  if (prompt.tools && !prompt.tools->is_null()) context["tools"] = *prompt.tools;
  if (prompt.documents && !prompt.documents->is_null()) context["documents"] = *prompt.documents;
  context["bos_token"] = prompt.bos_token;
  context["eos_token"] = prompt.eos_token;
  context["add_generation_prompt"] = prompt.add_generation_prompt;
  if (!prompt.extra) return context;
  if (!prompt.extra->is_object()) {
    return invalid_argument("chat_template_kwargs must be an object");
  }
  for (const auto& [name, value] : prompt.extra->items()) {
    if (std::find(kReservedNames.begin(), kReservedNames.end(), name) != kReservedNames.end()) {
      return invalid_argument(fmt::format("chat_template_kwargs may not set \"{}\"", name));
    }
    context[name] = value;
  }
  return context;
}

}  // namespace samovar::chat
