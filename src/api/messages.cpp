#include "api/messages.h"

#include "json/json.h"

#include <fmt/format.h>

namespace samovar::api {
namespace {

std::string_view medium_of(std::string_view part_type) {
  if (part_type == "image_url" || part_type == "input_image") return "image";
  if (part_type == "input_audio") return "audio";
  if (part_type == "input_video" || part_type == "video_url") return "video";
  if (part_type == "file" || part_type == "input_file") return "file";
  return "";
}

bool is_text_part(std::string_view part_type) {
  return part_type == "text" || part_type == "input_text" || part_type == "output_text" ||
         part_type == "refusal";
}

std::string content_text(Fields& fields, const json::Value& content, const std::string& path,
                         std::string_view joint) {
  if (content.is_string()) return content.get<std::string>();
  if (!content.is_array()) {
    fields.fail_type(path, "a string or an array of parts", content);
    return {};
  }
  std::string text;
  for (size_t i = 0; i < content.size(); ++i) {
    if (i > 0) text += joint;
    text += part_text(fields, content[i], fmt::format("{}[{}]", path, i));
  }
  return text;
}

// `reasoning_content`, or the other name that clients know it by.
std::string read_thought(Fields& message) {
  const std::string thought = message.string("reasoning_content", "");
  const std::string other = message.string("reasoning", "");
  return thought.empty() ? other : thought;
}

json::Value read_message(Fields& fields, const json::Value& message, const std::string& path,
                         bool begins_answer) {
  if (!message.is_object()) {
    fields.fail_type(path, "an object", message);
    return {};
  }
  Fields inner(fields, path, message);
  const std::string role = inner.string("role", "");
  if (role.empty()) inner.fail_missing("role");
  json::Value out = message;
  if (const json::Value* content = inner.find("content")) {
    // As in llama-server, another thing between parts where the assistant's answer is begun.
    out["content"] = content_text(inner, *content, "content", begins_answer ? "\n\n" : "\n");
  } else if (role == "assistant" && inner.has("tool_calls")) {
    out["content"] = nullptr;
  } else if (begins_answer && !read_thought(inner).empty()) {
    out["content"] = "";
  } else {
    inner.fail_missing("content");
  }
  return out;
}

bool by_assistant(const json::Value& message) {
  return message["role"] == "assistant";
}

bool is_begun_answer(const json::Value& messages, size_t i) {
  return i + 1 == messages.size() && messages[i].is_object() &&
         messages[i].value("role", json::Value()) == "assistant";
}

}  // namespace

std::string part_text(Fields& fields, const json::Value& part, const std::string& path) {
  if (!part.is_object()) {
    fields.fail_type(path, "an object", part);
    return {};
  }
  Fields inner(fields, path, part);
  const std::string type = inner.string("type", "");
  std::string text;
  if (is_text_part(type)) {
    text = inner.string(type == "refusal" ? "refusal" : "text", "");
  } else if (const std::string_view medium = medium_of(type); !medium.empty()) {
    inner.fail(bad_field(fields.path(path), "unsupported_value",
                         fmt::format("{} input is not supported by this model", medium)));
  } else {
    inner.fail(
        bad_field(inner.path("type"), "invalid_value",
                  fmt::format("unsupported content[].type `{}` in `{}`", type, fields.path(path))));
  }
  return text;
}

Conversation read_messages(Fields& fields) {
  Conversation out{.messages = json::Value::array()};
  const json::Value* messages = fields.find("messages");
  if (messages == nullptr) {
    fields.fail_missing("messages");
    return out;
  }
  if (!messages->is_array()) {
    fields.fail_type("messages", "an array", *messages);
    return out;
  }
  for (size_t i = 0; i < messages->size(); ++i) {
    out.messages.push_back(read_message(fields, (*messages)[i], fmt::format("messages[{}]", i),
                                        is_begun_answer(*messages, i)));
    if (fields.error()) return out;
  }
  const size_t n = out.messages.size();
  if (n == 0 || !by_assistant(out.messages.back())) return out;
  if (n > 1 && by_assistant(out.messages[n - 2])) {
    fields.fail(bad_field("messages", "invalid_value",
                          "two messages of the assistant stand at the end of `messages`"));
    return out;
  }
  const json::Value calls = out.messages.back().value("tool_calls", json::Value());
  if (!calls.is_null() && !(calls.is_array() && calls.empty())) {
    fields.fail(bad_field(fmt::format("messages[{}].tool_calls", n - 1), "invalid_value",
                          "calls of tools stand at the end of `messages`: their results are "
                          "missing"));
    return out;
  }
  if (!out.messages.back()["content"].is_string()) return out;
  out.prefill = out.messages.back()["content"].get<std::string>();
  Fields last(fields, fmt::format("messages[{}]", n - 1), out.messages.back());
  out.prefill_thought = read_thought(last);
  out.messages.erase(n - 1);
  return out;
}

}  // namespace samovar::api
