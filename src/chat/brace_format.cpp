#include "chat/lookup.h"
#include "chat/operators.h"
#include "chat/python_text.h"
#include "chat/string_format.h"
#include "chat/utf8.h"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

namespace samovar::chat {
namespace {

Result<FormatSpec> parse_spec(std::string_view text) {
  FormatSpec spec;
  const auto is_align = [](char c) { return c == '<' || c == '>' || c == '^' || c == '='; };
  size_t at = 0;
  const auto peek = [&] { return at < text.size() ? text[at] : '\0'; };
  const auto skip = [&](char c) { return peek() == c ? (++at, true) : false; };
  const auto number = [&](int64_t& out) {
    const auto [end, code] = std::from_chars(text.data() + at, text.data() + text.size(), out);
    at = static_cast<size_t>(end - text.data());
    return code != std::errc::result_out_of_range;
  };
  if (!text.empty()) {
    const auto [fill, n_bytes] = utf8::decode(text, 0);
    if (n_bytes < text.size() && is_align(text[n_bytes]) && fill != utf8::kInvalid) {
      spec.fill = fill;
      at = n_bytes;
    }
  }
  if (is_align(peek())) spec.align = text[at++];
  if (peek() == '+' || peek() == '-' || peek() == ' ') spec.sign = text[at++];
  spec.alternate = skip('#');
  if (skip('0') && spec.align == '\0') {
    spec.fill = U'0';
    spec.align = '=';
  }
  bool fits = number(spec.width);
  spec.grouping = skip(',');
  if (skip('.')) fits = number(spec.precision) && fits;
  if (at < text.size()) spec.type = text[at++];
  if (!fits || at != text.size() || spec.width < 0) {
    return runtime_error(fmt::format("invalid format specifier '{}'", text.substr(0, 40)));
  }
  if (std::string_view("sdfFeEgGxXob%").find(spec.type) == std::string_view::npos &&
      spec.type != '\0') {
    return runtime_error(fmt::format("unknown format code '{}'", spec.type));
  }
  return spec;
}

// Walks a "{...}" pattern and takes arguments as it goes.
class BraceFormatter {
 public:
  BraceFormatter(Runtime& runtime, const Text& pattern, const Arguments& arguments)
      : runtime_(runtime), pattern_(pattern), bytes_(pattern.bytes()), arguments_(arguments) {}
  Result<Text> run();

 private:
  Status format_field(std::string_view field);
  Result<Value> argument_of(std::string_view name);
  Result<Value> index_into(Value value, std::string_view path);

  Runtime& runtime_;
  const Text& pattern_;
  std::string_view bytes_;
  const Arguments& arguments_;
  size_t next_ = 0;  // the argument of the next "{}"
  Text out_;
};

Result<Value> BraceFormatter::argument_of(std::string_view name) {
  size_t index = 0;
  if (name.empty()) {
    index = next_++;
  } else if (std::from_chars(name.data(), name.data() + name.size(), index).ptr !=
             name.data() + name.size()) {
    const auto found = std::find_if(arguments_.named.begin(), arguments_.named.end(),
                                    [&](const auto& entry) { return entry.first == name; });
    if (found != arguments_.named.end()) return found->second;
    return runtime_error(fmt::format("format argument '{}' is not given", name.substr(0, 40)));
  }
  if (index < arguments_.positional.size()) return arguments_.positional[index];
  return runtime_error(fmt::format("format argument {} is not given", index));
}

// "[key][0]...": what follows the name of a field.
Result<Value> BraceFormatter::index_into(Value value, std::string_view path) {
  while (!path.empty()) {
    const size_t close = path.find(']');
    if (path[0] != '[' || close == std::string_view::npos) {
      return runtime_error("only [index] may follow the name of a format field");
    }
    const std::string_view key = path.substr(1, close - 1);
    int64_t number = 0;
    const auto parsed = std::from_chars(key.data(), key.data() + key.size(), number);
    const bool numeric = !key.empty() && parsed.ptr == key.data() + key.size();
    SAMOVAR_ASSIGN(
        value, get_item(runtime_, value, numeric ? Value::integer(number) : Value::literal(key)));
    path.remove_prefix(close + 1);
  }
  return value;
}

Status BraceFormatter::format_field(std::string_view field) {
  const size_t colon = field.find(':');
  std::string_view name = field.substr(0, colon);
  const std::string_view spec_text = colon == std::string_view::npos ? "" : field.substr(colon + 1);
  char conversion = '\0';
  if (const size_t mark = name.find('!'); mark != std::string_view::npos) {
    const std::string_view letter = name.substr(mark + 1);
    if (letter != "r" && letter != "s")
      return runtime_error("unknown conversion in a format field");
    conversion = letter[0];
    name = name.substr(0, mark);
  }
  const size_t path = std::min(name.find_first_of(".["), name.size());
  SAMOVAR_ASSIGN(Value value, argument_of(name.substr(0, path)));
  SAMOVAR_ASSIGN(value, index_into(std::move(value), name.substr(path)));
  SAMOVAR_ASSIGN(const FormatSpec spec, parse_spec(spec_text));
  if (conversion == 'r') {
    SAMOVAR_ASSIGN(Text repr, to_repr(runtime_, value));
    value = Value::string(std::move(repr));
  }
  if (value.is_undefined() && !spec_text.empty()) return undefined_error(value);
  SAMOVAR_ASSIGN(const Text text, format_value(runtime_, value, spec));
  out_.append(text);
  return {};
}

Result<Text> BraceFormatter::run() {
  for (size_t at = 0; at < bytes_.size();) {
    const size_t brace = std::min(bytes_.find_first_of("{}", at), bytes_.size());
    out_.append(pattern_, at, brace);
    at = brace;
    if (brace == bytes_.size()) break;
    if (brace + 1 < bytes_.size() && bytes_[brace + 1] == bytes_[brace]) {
      out_.append(pattern_, brace, brace + 1);
      at = brace + 2;
      continue;
    }
    const size_t close = bytes_.find_first_of("{}", brace + 1);
    if (bytes_[brace] == '}' || close == std::string_view::npos || bytes_[close] == '{') {
      return runtime_error("single or nested brace in a format string");
    }
    SAMOVAR_TRY(format_field(bytes_.substr(brace + 1, close - brace - 1)));
    SAMOVAR_TRY(runtime_.check_size(out_.size()));
    at = close + 1;
  }
  return std::move(out_);
}

}  // namespace

Result<Value> brace_format(Runtime& runtime, const Text& pattern, const Arguments& arguments) {
  SAMOVAR_ASSIGN(Text text, BraceFormatter(runtime, pattern, arguments).run());
  return runtime.make_string(std::move(text));
}

}  // namespace samovar::chat
