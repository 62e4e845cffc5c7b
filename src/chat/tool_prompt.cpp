#include "chat/tool_prompt.h"

#include "json/json.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::chat {
namespace {

constexpr std::string_view kIntroduction =
    "# Tools\n\nYou can call functions to help with what the user asks. Each line between <tools> "
    "and </tools> describes one:\n<tools>\n";
constexpr std::string_view kInstruction =
    "</tools>\n\nTo call a function, end your answer with its name and its arguments as JSON, "
    "like this:\n<tool_call>\n{\"name\": \"FUNCTION\", \"arguments\": {\"ARGUMENT\": VALUE}}\n"
    "</tool_call>\nIts result will come between <tool_response> and </tool_response>. Answer "
    "without a call when none is needed.";

std::string text_of(const json::Value& message, std::string_view key) {
  const auto found = message.find(key);
  if (found == message.end() || found->is_null()) return "";
  return found->is_string() ? found->get<std::string>() : json::dump(*found);
}

bool has_calls(const json::Value& message) {
  const auto calls = message.find("tool_calls");
  return calls != message.end() && calls->is_array() && !calls->empty();
}

std::string call_text(const json::Value& call, const ToolFormat& format) {
  const auto function = call.find("function");
  if (function == call.end() || !function->is_object()) return "";
  return fmt::format("{}{}{}{}{}", format.call_begin, text_of(*function, "name"),
                     format.call_middle, text_of(*function, "arguments"), format.call_end);
}

bool is_short_id(std::string_view id) {
  constexpr size_t kShort = 9;
  return id.size() == kShort && std::all_of(id.begin(), id.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
         });
}

// FNV-1a, as nine digits to the base of 36.
std::string short_id(std::string_view id) {
  constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyz";
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : id) hash = (hash ^ static_cast<uint8_t>(c)) * 0x100000001b3;
  std::string out;
  for (int i = 0; i < 9; ++i, hash /= kDigits.size()) out += kDigits[hash % kDigits.size()];
  return out;
}

void shorten_id(json::Value& object, const char* key) {
  const auto id = object.find(key);
  if (id == object.end() || !id->is_string()) return;
  if (const std::string text = *id; !is_short_id(text)) *id = short_id(text);
}

}  // namespace

std::string describe_tools(const json::Value& tools) {
  std::string out(kIntroduction);
  for (const json::Value& tool : tools) out += json::dump(tool) + '\n';
  out += kInstruction;
  return out;
}

void add_instruction(json::Value& messages, std::string_view text, SystemRole role) {
  const auto append = [&](json::Value& message, bool behind) {
    const std::string content = text_of(message, "content");
    message["content"] =
        behind ? fmt::format("{}\n\n{}", content, text) : fmt::format("{}\n\n{}", text, content);
  };
  const bool has_system =
      !messages.empty() && (messages[0]["role"] == "system" || messages[0]["role"] == "developer");
  if (role == SystemRole::kTaken && has_system) return append(messages[0], true);
  if (role == SystemRole::kTaken) {
    const json::Value system = {{"role", "system"}, {"content", text}};
    messages.insert(messages.begin(), system);
    return;
  }
  const auto user = std::find_if(messages.begin(), messages.end(),
                                 [](const auto& message) { return message["role"] == "user"; });
  if (user != messages.end()) append(*user, false);
}

void write_calls_as_text(json::Value& messages, const ToolFormat& format) {
  for (json::Value& message : messages) {
    if (has_calls(message)) {
      std::string text = text_of(message, "content");
      if (!text.empty()) text += '\n';
      text += format.open;
      const json::Value& calls = message["tool_calls"];
      for (size_t i = 0; i < calls.size(); ++i) {
        if (i > 0) text += format.between;
        text += call_text(calls[i], format);
      }
      text += format.close;
      message["content"] = std::move(text);
    }
    message.erase("tool_calls");
  }
}

void write_results_as_text(json::Value& messages) {
  json::Value out = json::Value::array();
  bool in_run = false;
  for (json::Value& message : messages) {
    const bool is_result = message["role"] == "tool" || message["role"] == "function";
    if (!is_result) {
      out.push_back(std::move(message));
    } else {
      const std::string text =
          fmt::format("<tool_response>\n{}\n</tool_response>", text_of(message, "content"));
      if (in_run) {
        out.back()["content"] = fmt::format("{}\n{}", text_of(out.back(), "content"), text);
      } else {
        out.push_back({{"role", "user"}, {"content", text}});
      }
    }
    in_run = is_result;
  }
  messages = std::move(out);
}

void shorten_call_ids(json::Value& messages) {
  for (json::Value& message : messages) {
    shorten_id(message, "tool_call_id");
    if (!has_calls(message)) continue;
    for (json::Value& call : message["tool_calls"]) {
      if (call.is_object()) shorten_id(call, "id");
    }
  }
}

}  // namespace samovar::chat
