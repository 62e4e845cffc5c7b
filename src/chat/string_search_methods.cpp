// Methods of str that answer a question: startswith, find, count, isdigit, ...
#include "chat/methods.h"
#include "chat/utf8.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace samovar::chat {
namespace {

enum class End : uint8_t { kStart, kEnd };

// One affix, or any of a tuple of them.
Result<Value> has_affix(const Value& subject, const Arguments& arguments, End end) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("startswith/endswith", {"affix"}, 1));
  const List* list = bound[0].list();
  const Values affixes = list && list->kind == ListKind::kTuple ? list->items : Values{bound[0]};
  for (const Value& affix : affixes) {
    if (!affix.string()) {
      return runtime_error(
          fmt::format("startswith and endswith take str, found {}", affix.type_name()));
    }
    const bool found = end == End::kStart ? subject.bytes().starts_with(affix.bytes())
                                          : subject.bytes().ends_with(affix.bytes());
    if (found) return Value::boolean(true);
  }
  return Value::boolean(false);
}

Result<Value> startswith_method(Runtime&, const Value& subject, const Arguments& arguments) {
  return has_affix(subject, arguments, End::kStart);
}

Result<Value> endswith_method(Runtime&, const Value& subject, const Arguments& arguments) {
  return has_affix(subject, arguments, End::kEnd);
}

// The code point index of the byte `offset`; -1 for npos.
int64_t index_of(std::string_view bytes, size_t offset) {
  if (offset == std::string_view::npos) return -1;
  return static_cast<int64_t>(utf8::length(bytes.substr(0, offset)));
}

Result<Value> find_in_text(Runtime&, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("find", {"sub", "start"}, 1));
  SAMOVAR_ASSIGN(const Text needle, text_or(bound[0], "sub", ""));
  SAMOVAR_ASSIGN(const int64_t start, integer_or(bound[1], "start", 0));
  const std::string& bytes = subject.bytes();
  if (start < 0) return runtime_error("find() takes no negative start");
  const size_t from = utf8::offset_of(bytes, static_cast<size_t>(start));
  return Value::integer(index_of(bytes, find_bytes(bytes, needle.bytes(), from)));
}

Result<Value> index_in_text(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Value found, find_in_text(runtime, subject, arguments));
  if (found.as_integer() < 0) return runtime_error("substring not found");
  return found;
}

Result<Value> rfind_in_text(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("rfind", {"sub"}, 1));
  SAMOVAR_ASSIGN(const Text needle, text_or(bound[0], "sub", ""));
  const std::string& bytes = subject.bytes();
  size_t last = needle.empty() ? bytes.size() : std::string::npos;
  for (size_t at = 0; !needle.empty();) {
    const size_t found = find_bytes(bytes, needle.bytes(), at);
    if (found == std::string::npos) break;
    SAMOVAR_TRY(runtime.spend(1));
    last = found;
    at = found + 1;
  }
  return Value::integer(index_of(bytes, last));
}

Result<Value> count_in_text(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("count", {"sub"}, 1));
  SAMOVAR_ASSIGN(const Text needle, text_or(bound[0], "sub", ""));
  const std::string& bytes = subject.bytes();
  if (needle.empty()) return Value::integer(static_cast<int64_t>(utf8::length(bytes)) + 1);
  int64_t n = 0;
  for (size_t at = 0; (at = find_bytes(bytes, needle.bytes(), at)) != std::string::npos; ++n) {
    SAMOVAR_TRY(runtime.spend(1));
    at += needle.size();
  }
  return Value::integer(n);
}

// True when the text is not empty and `holds` for each of its code points.
template <bool (*holds)(char32_t)>
Result<Value> all_are(Runtime&, const Value& subject, const Arguments& arguments) {
  SAMOVAR_TRY(arguments.bind("is...", {}).status());
  const std::string& bytes = subject.bytes();
  for (size_t at = 0; at < bytes.size();) {
    const auto [c, n_bytes] = utf8::decode(bytes, at);
    if (!holds(c)) return Value::boolean(false);
    at += n_bytes;
  }
  return Value::boolean(!bytes.empty());
}

bool is_alphanumeric(char32_t c) {
  return utf8::is_letter(c) || utf8::is_digit(c);
}

// True when there is a cased letter and none has the case that `excluded` knows.
template <bool (*wanted)(char32_t), bool (*excluded)(char32_t)>
Result<Value> cased(Runtime&, const Value& subject, const Arguments& arguments) {
  SAMOVAR_TRY(arguments.bind("is...", {}).status());
  const std::string& bytes = subject.bytes();
  bool found = false;
  for (size_t at = 0; at < bytes.size();) {
    const auto [c, n_bytes] = utf8::decode(bytes, at);
    if (excluded(c)) return Value::boolean(false);
    found = found || wanted(c);
    at += n_bytes;
  }
  return Value::boolean(found);
}

}  // namespace

std::span<const NativeEntry> string_search_methods() {
  static constexpr std::array<NativeEntry, 14> kMethods{{
      {"count", count_in_text},
      {"endswith", endswith_method},
      {"find", find_in_text},
      {"index", index_in_text},
      {"isalnum", all_are<is_alphanumeric>},
      {"isalpha", all_are<utf8::is_letter>},
      {"isdecimal", all_are<utf8::is_digit>},
      {"isdigit", all_are<utf8::is_digit>},
      {"islower", cased<utf8::is_lower, utf8::is_upper>},
      {"isnumeric", all_are<utf8::is_digit>},
      {"isspace", all_are<utf8::is_space>},
      {"isupper", cased<utf8::is_upper, utf8::is_lower>},
      {"rfind", rfind_in_text},
      {"startswith", startswith_method},
  }};
  return kMethods;
}

}  // namespace samovar::chat
