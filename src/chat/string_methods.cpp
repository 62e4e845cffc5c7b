// Methods of str that give another str: case, strip, replace, padding, join, format.
#include "chat/code_points.h"
#include "chat/methods.h"
#include "chat/python_text.h"
#include "chat/string_format.h"
#include "chat/utf8.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace samovar::chat {
namespace {

Result<Value> title_method(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_TRY(arguments.bind("title", {}).status());
  bool in_word = false;
  return runtime.make_string(map_code_points(subject.text(), [&](char32_t c) {
    const char32_t mapped = in_word ? utf8::to_lower(c) : utf8::to_upper(c);
    in_word = utf8::is_letter(c);
    return mapped;
  }));
}

Result<Value> swapcase_method(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_TRY(arguments.bind("swapcase", {}).status());
  return runtime.make_string(map_code_points(subject.text(), [](char32_t c) {
    return utf8::is_upper(c) ? utf8::to_lower(c) : utf8::to_upper(c);
  }));
}

// The code points to strip, sorted; without an argument, whitespace.
class StripSet {
 public:
  explicit StripSet(const Value& characters) : is_space_(!characters.string()) {
    if (is_space_) return;
    const std::string& bytes = characters.bytes();
    for (size_t at = 0; at < bytes.size();) {
      const auto [c, n_bytes] = utf8::decode(bytes, at);
      set_.push_back(c);
      at += n_bytes;
    }
    std::sort(set_.begin(), set_.end());
  }
  bool holds(char32_t c) const {
    return is_space_ ? utf8::is_space(c) : std::binary_search(set_.begin(), set_.end(), c);
  }

 private:
  bool is_space_;
  std::vector<char32_t> set_;
};

enum class Side : uint8_t { kLeft, kRight, kBoth };

Result<Value> strip(Runtime& runtime, const Value& subject, const Arguments& arguments, Side side) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("strip", {"chars"}));
  if (!bound[0].string() && !bound[0].is_none() && !bound[0].is_undefined()) {
    return runtime_error(fmt::format("strip() takes str or None, found {}", bound[0].type_name()));
  }
  const StripSet set(bound[0]);
  const std::string_view bytes = subject.bytes();
  size_t begin = 0;
  size_t end = bytes.size();
  while (side != Side::kRight && begin < end) {
    const auto [c, n_bytes] = utf8::decode(bytes, begin);
    if (!set.holds(c)) break;
    begin += n_bytes;
  }
  while (side != Side::kLeft && end > begin) {
    const auto [c, n_bytes] = utf8::decode_before(bytes, end);
    if (!set.holds(c)) break;
    end -= n_bytes;
  }
  return runtime.make_string(subject.text().slice(begin, end));
}

Result<Value> lstrip_method(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  return strip(runtime, subject, arguments, Side::kLeft);
}

Result<Value> rstrip_method(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  return strip(runtime, subject, arguments, Side::kRight);
}

Result<Value> removeprefix_method(Runtime& runtime, const Value& subject,
                                  const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("removeprefix", {"prefix"}, 1));
  SAMOVAR_ASSIGN(const Text prefix, text_or(bound[0], "prefix", ""));
  const Text& text = subject.text();
  const size_t begin = text.bytes().starts_with(prefix.bytes()) ? prefix.size() : 0;
  return runtime.make_string(text.slice(begin, text.size()));
}

Result<Value> removesuffix_method(Runtime& runtime, const Value& subject,
                                  const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("removesuffix", {"suffix"}, 1));
  SAMOVAR_ASSIGN(const Text suffix, text_or(bound[0], "suffix", ""));
  const Text& text = subject.text();
  const size_t n_cut = text.bytes().ends_with(suffix.bytes()) ? suffix.size() : 0;
  return runtime.make_string(text.slice(0, text.size() - n_cut));
}

Result<Value> justify(Runtime& runtime, const Value& subject, const Arguments& arguments,
                      char align) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("just", {"width", "fillchar"}, 1));
  FormatSpec spec{.align = align, .type = 's'};
  SAMOVAR_ASSIGN(spec.width, integer_or(bound[0], "width", 0));
  SAMOVAR_ASSIGN(const Text fill, text_or(bound[1], "fillchar", " "));
  if (utf8::length(fill.bytes()) != 1) return runtime_error("fillchar must be one character");
  spec.fill = utf8::decode(fill.bytes(), 0).value;
  SAMOVAR_ASSIGN(Text padded, format_value(runtime, subject, spec));
  return runtime.make_string(std::move(padded));
}

Result<Value> ljust_method(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  return justify(runtime, subject, arguments, '<');
}

Result<Value> rjust_method(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  return justify(runtime, subject, arguments, '>');
}

Result<Value> center_method(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  return justify(runtime, subject, arguments, '^');
}

Result<Value> zfill_method(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("zfill", {"width"}, 1));
  FormatSpec spec{.fill = U'0', .align = '>', .type = 's'};
  SAMOVAR_ASSIGN(spec.width, integer_or(bound[0], "width", 0));
  const Text& text = subject.text();
  const bool has_sign = !text.empty() && (text.bytes()[0] == '-' || text.bytes()[0] == '+');
  Text result = text.slice(0, has_sign ? 1 : 0);
  spec.width -= has_sign ? 1 : 0;
  const Value digits = Value::string(text.slice(has_sign ? 1 : 0, text.size()));
  SAMOVAR_ASSIGN(const Text padded, format_value(runtime, digits, spec));
  result.append(padded);
  return runtime.make_string(std::move(result));
}

Result<Value> join_method(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("join", {"iterable"}, 1));
  SAMOVAR_ASSIGN(const Values items, runtime.iterate(bound[0]));
  Text joined;
  for (size_t i = 0; i < items.size(); ++i) {
    if (!items[i].string()) {
      return runtime_error(
          fmt::format("join() item {}: expected str, found {}", i, items[i].type_name()));
    }
    if (i > 0) joined.append(subject.text());
    joined.append(items[i].text());
    SAMOVAR_TRY(runtime.check_size(joined.size()));
  }
  return runtime.make_string(std::move(joined));
}

Result<Value> format_method(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  return brace_format(runtime, subject.text(), arguments);
}

}  // namespace

Result<Value> upper_method(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_TRY(arguments.bind("upper", {}).status());
  return runtime.make_string(map_code_points(subject.text(), utf8::to_upper));
}

Result<Value> lower_method(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_TRY(arguments.bind("lower", {}).status());
  return runtime.make_string(map_code_points(subject.text(), utf8::to_lower));
}

Result<Value> capitalize_method(Runtime& runtime, const Value& subject,
                                const Arguments& arguments) {
  SAMOVAR_TRY(arguments.bind("capitalize", {}).status());
  bool is_first = true;
  return runtime.make_string(map_code_points(subject.text(), [&](char32_t c) {
    return std::exchange(is_first, false) ? utf8::to_upper(c) : utf8::to_lower(c);
  }));
}

Result<Value> strip_method(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  return strip(runtime, subject, arguments, Side::kBoth);
}

Result<Value> replace_method(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("replace", {"old", "new", "count"}, 2));
  SAMOVAR_ASSIGN(const Text old_text, text_or(bound[0], "old", ""));
  SAMOVAR_ASSIGN(const Text new_text, text_or(bound[1], "new", ""));
  SAMOVAR_ASSIGN(int64_t count, integer_or(bound[2].is_none() ? Value() : bound[2], "count", -1));
  const Text& text = subject.text();
  Text out;
  size_t at = 0;
  for (; count != 0; --count) {
    const size_t found = find_bytes(text.bytes(), old_text.bytes(), at);
    if (found == std::string::npos) break;
    SAMOVAR_TRY(runtime.spend(1));
    out.append(text, at, found);
    out.append(new_text);
    SAMOVAR_TRY(runtime.check_size(out.size()));
    at = found + old_text.size();
    if (!old_text.empty()) continue;
    if (at == text.size()) break;
    const size_t next = at + utf8::decode(text.bytes(), at).n_bytes;
    out.append(text, at, next);
    at = next;
  }
  out.append(text, at, text.size());
  return runtime.make_string(std::move(out));
}

std::span<const NativeEntry> string_methods() {
  static constexpr std::array<NativeEntry, 17> kMethods{{
      {"capitalize", capitalize_method},
      {"center", center_method},
      {"format", format_method},
      {"join", join_method},
      {"ljust", ljust_method},
      {"lower", lower_method},
      {"lstrip", lstrip_method},
      {"removeprefix", removeprefix_method},
      {"removesuffix", removesuffix_method},
      {"replace", replace_method},
      {"rjust", rjust_method},
      {"rstrip", rstrip_method},
      {"strip", strip_method},
      {"swapcase", swapcase_method},
      {"title", title_method},
      {"upper", upper_method},
      {"zfill", zfill_method},
  }};
  return kMethods;
}

}  // namespace samovar::chat
