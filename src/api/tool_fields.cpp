#include "api/tool_fields.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace samovar::api {
namespace {

bool is_name(std::string_view name) {
  return !name.empty() && name.size() <= kMaxToolNameBytes &&
         std::all_of(name.begin(), name.end(), [](char c) {
           return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  c == '_' || c == '-' || c == '.';
         });
}

// Arguments are an object, whatever a schema leaves open.
json::Value read_parameters(Fields& function) {
  const json::Value* given = function.find("parameters");
  if (given == nullptr || (given->is_object() && given->empty())) {
    return {{"type", "object"}, {"properties", json::Value::object()}};
  }
  if (!given->is_object()) {
    function.fail_type("parameters", "a JSON schema (an object)", *given);
    return {};
  }
  json::Value out = *given;
  const auto type = out.find("type");
  if (type == out.end() || type->is_null()) {
    out["type"] = "object";
  } else if (*type != "object") {
    function.fail(bad_field(function.path("parameters"), "invalid_value",
                            fmt::format("`{}` must have the type \"object\", not {}",
                                        function.path("parameters"), json::dump(*type))));
  }
  return out;
}

// `function`: what a tool's member of that name holds, or an element of `functions`.
Tool read_function(Fields& function) {
  Tool out{.name = function.string("name", "")};
  if (!function.error() && !is_name(out.name)) {
    function.fail(bad_field(
        function.path("name"), out.name.empty() ? "missing_required_parameter" : "invalid_value",
        fmt::format("`{}` must be 1 to {} letters, digits, `_`, `-` or `.`, not \"{}\"",
                    function.path("name"), kMaxToolNameBytes, out.name)));
  }
  function.string("description", "");
  function.boolean("strict", false);
  out.parameters = read_parameters(function);
  out.param = function.path("parameters");
  return out;
}

const json::Value* object_member(Fields& fields, std::string_view name) {
  const json::Value* member = fields.find(name);
  if (member == nullptr) {
    fields.fail_missing(name);
  } else if (!member->is_object()) {
    fields.fail_type(name, "an object", *member);
  } else {
    return member;
  }
  return nullptr;
}

std::optional<Tool> read_tool(Fields& fields, const json::Value& tool, const std::string& path) {
  if (!tool.is_object()) {
    fields.fail_type(path, "an object", tool);
    return std::nullopt;
  }
  Fields inner(fields, path, tool);
  if (const std::string type = inner.string("type", "function"); type != "function") {
    inner.fail(
        bad_field(inner.path("type"), "unsupported_value",
                  fmt::format("`{}` must be \"function\", not \"{}\"", inner.path("type"), type)));
  }
  std::optional<Tool> out;
  if (const json::Value* member = object_member(inner, "function")) {
    Fields function(inner, "function", *member);
    out = read_function(function);
  }
  return out;
}

// The array `name`, if it is there and not empty.
const json::Value* find_list(Fields& fields, std::string_view name) {
  const json::Value* list = fields.find(name);
  if (list == nullptr) return nullptr;
  if (!list->is_array()) {
    fields.fail_type(name, "an array", *list);
    return nullptr;
  }
  if (list->size() > kMaxTools) {
    fields.fail(bad_field(
        name, "invalid_value",
        fmt::format("`{}` holds {} tools, the limit is {}", name, list->size(), kMaxTools)));
    return nullptr;
  }
  return list->empty() ? nullptr : list;
}

// `tools`, or `functions` in the same shape.
void read_list(Fields& fields, ToolWish& out) {
  const json::Value* tools = find_list(fields, "tools");
  const json::Value* functions = tools == nullptr ? find_list(fields, "functions") : nullptr;
  const json::Value* list = tools != nullptr ? tools : functions;
  if (list == nullptr) return;
  out.shown = json::Value::array();
  for (size_t i = 0; i < list->size() && !fields.error(); ++i) {
    const std::string path = fmt::format("{}[{}]", tools != nullptr ? "tools" : "functions", i);
    if (tools != nullptr) {
      out.shown.push_back((*list)[i]);
      if (auto tool = read_tool(fields, (*list)[i], path)) out.callable.push_back(*tool);
    } else if (!(*list)[i].is_object()) {
      fields.fail_type(path, "an object", (*list)[i]);
    } else {
      out.shown.push_back({{"type", "function"}, {"function", (*list)[i]}});
      Fields function(fields, path, (*list)[i]);
      out.callable.push_back(read_function(function));
    }
    const auto same = [&](const Tool& tool) { return tool.name == out.callable.back().name; };
    if (!fields.error() && std::any_of(out.callable.begin(), out.callable.end() - 1, same)) {
      fields.fail(bad_field(
          path, "invalid_value",
          fmt::format("`{}`: two tools have the name \"{}\"", path, out.callable.back().name)));
    }
  }
}

// The tool that must be called.
void choose_named(Fields& fields, std::string_view member, const std::string& name, ToolWish& out) {
  const auto found = std::find_if(out.callable.begin(), out.callable.end(),
                                  [&](const Tool& tool) { return tool.name == name; });
  if (found == out.callable.end()) {
    fields.fail(bad_field(member, "invalid_value",
                          fmt::format("`{}`: there is no tool \"{}\" in `tools`", member, name)));
    return;
  }
  out.callable = {Tool(*found)};
  out.must_call = true;
}

void choose_by_word(Fields& fields, std::string_view member, const std::string& word,
                    ToolWish& out) {
  if (word == "none") {
    out.shown = nullptr;
    out.callable.clear();
  } else if (word == "required") {
    if (out.callable.empty()) {
      fields.fail(bad_field(member, "invalid_value",
                            fmt::format("`{}` is \"required\", but there are no `tools`", member)));
    }
    out.must_call = true;
  } else if (word != "auto") {
    fields.fail(bad_field(member, "invalid_value",
                          fmt::format("`{}` must be \"none\", \"auto\", \"required\" or name a "
                                      "function, not \"{}\"",
                                      member, word)));
  }
}

// `tool_choice`, and `function_call`, whose object holds the name itself.
void read_choice(Fields& fields, std::string_view member, ToolWish& out) {
  const json::Value* choice = fields.find(member);
  if (choice == nullptr || fields.error()) return;
  if (choice->is_string()) {
    return choose_by_word(fields, member, choice->get<std::string>(), out);
  }
  if (!choice->is_object()) return fields.fail_type(member, "a string or an object", *choice);
  Fields inner(fields, member, *choice);
  std::string name;
  if (member == "tool_choice") {
    if (const std::string type = inner.string("type", "function"); type != "function") {
      inner.fail(bad_field(
          inner.path("type"), "invalid_value",
          fmt::format("`{}` must be \"function\", not \"{}\"", inner.path("type"), type)));
    }
    const json::Value* named = object_member(inner, "function");
    if (named != nullptr) name = Fields(inner, "function", *named).string("name", "");
  } else {
    name = inner.string("name", "");
  }
  if (!inner.error()) choose_named(fields, member, name, out);
}

}  // namespace

ToolWish read_tools(Fields& fields) {
  ToolWish out;
  read_list(fields, out);
  read_choice(fields, "tool_choice", out);
  read_choice(fields, "function_call", out);
  out.parallel = fields.boolean("parallel_tool_calls", true);
  return out;
}

}  // namespace samovar::api
