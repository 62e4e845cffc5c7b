// Filters that make text: case, trim, replace, join, indent, tojson, ...
#include "chat/code_points.h"
#include "chat/context.h"
#include "chat/filters.h"
#include "chat/methods.h"
#include "chat/python_text.h"
#include "chat/string_format.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace samovar::chat {
namespace {

// A filter that is the method of str with the subject made a str first.
template <Native method>
Result<Value> on_text(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  if (subject.string()) return method(runtime, subject, arguments);
  SAMOVAR_ASSIGN(Text text, to_text(runtime, subject));
  return method(runtime, Value::string(std::move(text)), arguments);
}

Result<Value> string_filter(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_TRY(arguments.bind("string", {}).status());
  if (subject.string()) return subject;
  SAMOVAR_ASSIGN(Text text, to_text(runtime, subject));
  return runtime.make_string(std::move(text));
}

Result<Value> trim_filter(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(Value trimmed, on_text<strip_method>(runtime, subject, arguments));
  if (!subject.string() || !subject.string()->markup) return trimmed;
  return runtime.make_markup(trimmed.text());
}

Result<Value> safe_filter(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_TRY(arguments.bind("safe", {}).status());
  SAMOVAR_ASSIGN(Text text, to_text(runtime, subject));
  return runtime.make_markup(std::move(text));
}

Result<Value> forceescape_filter(Runtime& runtime, const Value& subject,
                                 const Arguments& arguments) {
  SAMOVAR_TRY(arguments.bind("escape", {}).status());
  SAMOVAR_ASSIGN(const Text text, to_text(runtime, subject));
  return runtime.make_markup(escape_html(text));
}

Result<Value> escape_filter(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  if (subject.string() && subject.string()->markup) return subject;
  return forceescape_filter(runtime, subject, arguments);
}

// Jinja's title: words also begin behind brackets and hyphens, but not behind apostrophes.
Result<Value> title_filter(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_TRY(arguments.bind("title", {}).status());
  SAMOVAR_ASSIGN(const Text text, to_text(runtime, subject));
  bool starts_word = true;
  return runtime.make_string(map_code_points(text, [&](char32_t c) {
    const bool separates =
        utf8::is_space(c) || c == U'-' || c == U'(' || c == U'{' || c == U'[' || c == U'<';
    const char32_t mapped = starts_word ? utf8::to_upper(c) : utf8::to_lower(c);
    starts_word = separates;
    return mapped;
  }));
}

Result<Value> replace_filter(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("replace", {"old", "new", "count"}, 2));
  Arguments texts;
  for (size_t i = 0; i < 2; ++i) {
    SAMOVAR_ASSIGN(Text text, to_text(runtime, bound[i]));
    texts.positional.push_back(Value::string(std::move(text)));
  }
  texts.positional.push_back(bound[2]);
  return on_text<replace_method>(runtime, subject, texts);
}

Result<Value> join_filter(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("join", {"d", "attribute"}));
  SAMOVAR_ASSIGN(const Text separator, to_text(runtime, bound[0]));
  SAMOVAR_ASSIGN(const Values path, parse_attribute_path(bound[1]));
  SAMOVAR_ASSIGN(const Values items, runtime.iterate(subject));
  Text joined;
  for (size_t i = 0; i < items.size(); ++i) {
    SAMOVAR_ASSIGN(const Value item, follow_path(runtime, items[i], path));
    SAMOVAR_ASSIGN(const Text text, to_text(runtime, item));
    if (i > 0) joined.append(separator);
    joined.append(text);
    SAMOVAR_TRY(runtime.check_size(joined.size()));
  }
  return runtime.make_string(std::move(joined));
}

// Spaces for a number, the text itself for a str.
Result<Text> indentation(Runtime& runtime, const Value& width, int64_t fallback) {
  if (width.string()) return width.text();
  SAMOVAR_ASSIGN(const int64_t n, integer_or(width, "width", fallback));
  const auto n_spaces = static_cast<size_t>(std::max<int64_t>(n, 0));
  SAMOVAR_TRY(runtime.check_size(n_spaces));
  return Text(std::string(n_spaces, ' '), Trust::kTrusted);
}

Result<Value> indent_filter(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("indent", {"width", "first", "blank"}));
  SAMOVAR_ASSIGN(const Text text, to_text(runtime, subject));
  SAMOVAR_ASSIGN(const Text indent, indentation(runtime, bound[0], 4));
  const std::string& bytes = text.bytes();
  Text out;
  if (bound[1].truthy()) out.append(indent);
  for (size_t begin = 0; begin <= bytes.size();) {
    const size_t end = std::min(bytes.find_first_of("\r\n", begin), bytes.size());
    const bool is_blank = end == begin;
    if (begin > 0) {
      out.append("\n", Trust::kTrusted);
      if (!is_blank || bound[2].truthy()) out.append(indent);
    }
    out.append(text, begin, end);
    SAMOVAR_TRY(runtime.check_size(out.size()));
    SAMOVAR_TRY(runtime.spend_bytes(indent.size()));
    begin = end + (bytes.compare(end, 2, "\r\n") == 0 ? 2 : 1);
  }
  return runtime.make_string(std::move(out));
}

Result<Value> tojson_filter(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound,
                 arguments.bind("tojson", {"ensure_ascii", "indent", "separators", "sort_keys"}));
  JsonStyle style{.ascii_only = bound[0].truthy(), .sort_keys = bound[3].truthy()};
  if (!bound[1].is_none() && !bound[1].is_undefined()) {
    SAMOVAR_ASSIGN(const Text indent, indentation(runtime, bound[1], 0));
    style.indent = indent.bytes();
    style.item_separator.assign(1, ',');
  }
  if (const List* separators = bound[2].list()) {
    const Values& pair = separators->items;
    if (pair.size() != 2 || !pair[0].string() || !pair[1].string()) {
      return runtime_error("tojson: separators must be two strings");
    }
    style.item_separator = pair[0].bytes();
    style.key_separator = pair[1].bytes();
  }
  SAMOVAR_ASSIGN(Text text, to_json(runtime, subject, style));
  return runtime.make_string(std::move(text));
}

Result<Value> from_json_filter(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_TRY(arguments.bind("from_json", {}).status());
  SAMOVAR_ASSIGN(const Text text, to_text(runtime, subject));
  return value_from_json_text(runtime, text);
}

Result<Value> format_filter(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Text pattern, to_text(runtime, subject));
  if (arguments.named.empty()) {
    SAMOVAR_ASSIGN(const Value tuple, runtime.make_list(arguments.positional, ListKind::kTuple));
    return percent_format(runtime, pattern, tuple);
  }
  Dict dict;
  for (const auto& [name, value] : arguments.named) dict.set(Value::literal(name), value);
  SAMOVAR_ASSIGN(const Value mapping, runtime.make_dict(std::move(dict)));
  return percent_format(runtime, pattern, mapping);
}

}  // namespace

std::span<const NativeEntry> text_filters() {
  static constexpr std::array<NativeEntry, 17> kFilters{{
      {"capitalize", on_text<capitalize_method>},
      {"e", escape_filter},
      {"escape", escape_filter},
      {"forceescape", forceescape_filter},
      {"format", format_filter},
      {"from_json", from_json_filter},
      {"fromjson", from_json_filter},
      {"indent", indent_filter},
      {"join", join_filter},
      {"lower", on_text<lower_method>},
      {"replace", replace_filter},
      {"safe", safe_filter},
      {"string", string_filter},
      {"title", title_filter},
      {"tojson", tojson_filter},
      {"trim", trim_filter},
      {"upper", on_text<upper_method>},
  }};
  return kFilters;
}

}  // namespace samovar::chat
