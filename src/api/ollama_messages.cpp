#include "api/ollama_messages.h"

#include "json/json.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::api {
namespace {

json::Value read_call(Fields& fields, const json::Value& call, const std::string& path) {
  const auto function = call.is_object() ? call.find("function") : call.end();
  if (!call.is_object() || function == call.end() || !function->is_object()) {
    fields.fail_type(path, "an object with an object `function`", call);
    return {};
  }
  Fields inner(fields, path + ".function", *function);
  json::Value out = {{"type", "function"}, {"function", {{"name", inner.string("name", "")}}}};
  const json::Value* arguments = inner.find("arguments");
  if (arguments != nullptr && !arguments->is_object()) {
    inner.fail_type("arguments", "an object", *arguments);
  }
  out["function"]["arguments"] = arguments != nullptr ? *arguments : json::Value::object();
  if (const auto id = call.find("id"); id != call.end() && id->is_string()) out["id"] = *id;
  return out;
}

json::Value read_calls(Fields& fields, const json::Value& calls) {
  json::Value out = json::Value::array();
  if (!calls.is_array()) {
    fields.fail_type("tool_calls", "an array", calls);
    return out;
  }
  for (size_t i = 0; i < calls.size(); ++i) {
    out.push_back(read_call(fields, calls[i], fmt::format("tool_calls[{}]", i)));
  }
  return out;
}

json::Value read_message(Fields& fields, const json::Value& message, const std::string& path) {
  if (!message.is_object()) {
    fields.fail_type(path, "an object", message);
    return {};
  }
  Fields inner(fields, path, message);
  std::string role = inner.string("role", "");
  std::transform(role.begin(), role.end(), role.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  if (role.empty()) inner.fail_missing("role");
  json::Value out = {{"role", role}, {"content", inner.string("content", "")}};
  if (const std::string thinking = inner.string("thinking", ""); !thinking.empty()) {
    out["reasoning_content"] = thinking;
  }
  if (const std::string name = inner.string("tool_name", ""); !name.empty()) out["name"] = name;
  if (const std::string id = inner.string("tool_call_id", ""); !id.empty()) {
    out["tool_call_id"] = id;
  }
  if (const json::Value* calls = inner.find("tool_calls"); calls != nullptr && !calls->empty()) {
    out["tool_calls"] = read_calls(inner, *calls);
  }
  if (const json::Value* images = inner.find("images"); images != nullptr && !images->empty()) {
    inner.fail(bad_field(inner.path("images"), "unsupported_value",
                         "image input is not supported by this model"));
  }
  return out;
}

bool has_role(const json::Value& message, std::string_view role) {
  return message["role"] == json::Value(role);
}

}  // namespace

json::Value read_ollama_messages(Fields& fields) {
  json::Value out = json::Value::array();
  const json::Value* messages = fields.find("messages");
  if (messages == nullptr) return out;
  if (!messages->is_array()) {
    fields.fail_type("messages", "an array", *messages);
    return out;
  }
  for (size_t i = 0; i < messages->size() && !fields.error(); ++i) {
    out.push_back(read_message(fields, (*messages)[i], fmt::format("messages[{}]", i)));
  }
  return out;
}

size_t count_turns(const json::Value& messages) {
  return static_cast<size_t>(std::count_if(messages.begin(), messages.end(),
                                           [](const auto& m) { return has_role(m, "user"); }));
}

json::Value without_oldest_turns(const json::Value& messages, size_t n) {
  if (n == 0) return messages;
  json::Value out = json::Value::array();
  size_t n_users = 0;
  for (const json::Value& message : messages) {
    if (has_role(message, "user")) ++n_users;
    if (n_users > n || has_role(message, "system")) out.push_back(message);
  }
  return out;
}

}  // namespace samovar::api
