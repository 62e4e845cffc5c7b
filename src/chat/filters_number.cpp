// Filters about numbers: int, float, round, abs, sum, min, max.
#include "chat/filters.h"
#include "chat/operators.h"
#include "chat/utf8.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace samovar::chat {
namespace {

// What int() and float() read of a str: no blanks around, no underscores, no plus sign.
std::string plain_digits(const std::string& text) {
  size_t begin = 0;
  size_t end = text.size();
  while (begin < end && utf8::is_space(static_cast<unsigned char>(text[begin]))) ++begin;
  while (end > begin && utf8::is_space(static_cast<unsigned char>(text[end - 1]))) --end;
  std::string digits;
  for (const char c : text.substr(begin, end - begin)) {
    if (c != '_') digits += c;
  }
  if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-') digits.erase(0, 1);
  return digits;
}

template <class Number, class... Format>
bool parse_whole(const std::string& digits, Number& out, Format... format) {
  const char* end = digits.data() + digits.size();
  const auto [stop, code] = std::from_chars(digits.data(), end, out, format...);
  return code == std::errc() && stop == end;
}

Result<Value> truncated(double real, const Value& fallback) {
  if (std::isnan(real) || std::isinf(real)) return fallback;
  if (std::fabs(real) >= 0x1.0p63) return runtime_error("integer is over 64 bits");
  return Value::integer(static_cast<int64_t>(real));
}

Result<Value> int_filter(Runtime&, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("int", {"default", "base"}));
  SAMOVAR_ASSIGN(const int64_t base, integer_or(bound[1], "base", 10));
  const Value fallback = bound[0].is_undefined() ? Value::integer(0) : bound[0];
  if (subject.is_integral()) return Value::integer(subject.as_integer());
  if (subject.is_float()) return truncated(subject.as_real(), fallback);
  if (!subject.string()) return fallback;
  if (base < 2 || base > 36) return runtime_error("int: base must be 2 to 36");
  std::string digits = plain_digits(subject.bytes());
  const char prefix = base == 16 ? 'x' : base == 8 ? 'o' : base == 2 ? 'b' : '\0';
  const size_t at = !digits.empty() && digits[0] == '-' ? 1 : 0;
  if (prefix != '\0' && digits.size() > at + 1 && digits[at] == '0' &&
      (digits[at + 1] | 0x20) == prefix) {
    digits.erase(at, 2);
  }
  int64_t integer = 0;
  if (parse_whole(digits, integer, static_cast<int>(base))) return Value::integer(integer);
  double real = 0;
  return parse_whole(digits, real) ? truncated(real, fallback) : fallback;
}

Result<Value> float_filter(Runtime&, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("float", {"default"}));
  if (subject.is_number()) return Value::real(subject.as_real());
  double real = 0;
  if (subject.string() && parse_whole(plain_digits(subject.bytes()), real)) {
    return Value::real(real);
  }
  return bound[0].is_undefined() ? Value::real(0) : bound[0];
}

Result<Value> round_filter(Runtime&, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("round", {"precision", "method"}));
  SAMOVAR_ASSIGN(const int64_t precision, integer_or(bound[0], "precision", 0));
  SAMOVAR_ASSIGN(const Text method, text_or(bound[1], "method", "common"));
  if (!subject.is_number()) {
    return runtime_error(fmt::format("round needs a number, found {}", subject.type_name()));
  }
  if (precision < 0 || precision > 308) return runtime_error("round: precision must be 0 to 308");
  const double real = subject.as_real();
  if (method.bytes() == "common") {
    if (subject.is_integral()) return Value::integer(subject.as_integer());
    if (!std::isfinite(real)) return subject;
    double rounded = 0;
    parse_whole(fmt::format("{:.{}f}", real, static_cast<int>(precision)), rounded);
    return Value::real(rounded);
  }
  const double scale = std::pow(10.0, static_cast<double>(precision));
  if (method.bytes() == "ceil") return Value::real(std::ceil(real * scale) / scale);
  if (method.bytes() == "floor") return Value::real(std::floor(real * scale) / scale);
  return runtime_error("round: method must be common, ceil or floor");
}

Result<Value> abs_filter(Runtime&, const Value& subject, const Arguments& arguments) {
  SAMOVAR_TRY(arguments.bind("abs", {}).status());
  if (subject.is_float()) return Value::real(std::fabs(subject.as_real()));
  if (subject.is_integral() && subject.as_integer() >= 0)
    return Value::integer(subject.as_integer());
  return negate(subject);
}

Result<Value> sum_filter(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("sum", {"attribute", "start"}));
  SAMOVAR_ASSIGN(const Values path, parse_attribute_path(bound[0]));
  SAMOVAR_ASSIGN(const Values items, runtime.iterate(subject));
  Value sum = bound[1].is_undefined() ? Value::integer(0) : bound[1];
  for (const Value& item : items) {
    SAMOVAR_ASSIGN(const Value term, follow_path(runtime, item, path));
    SAMOVAR_ASSIGN(sum, arithmetic(runtime, Operator::kAdd, sum, term));
  }
  return sum;
}

// The first item whose key is before (after) all others'.
template <Operator op>
Result<Value> extreme_filter(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("min/max", {"case_sensitive", "attribute"}));
  SAMOVAR_ASSIGN(const Values path, parse_attribute_path(bound[1]));
  SAMOVAR_ASSIGN(const Values items, runtime.iterate(subject));
  const bool case_sensitive = bound[0].truthy();
  Value best;
  Value best_key;
  for (size_t i = 0; i < items.size(); ++i) {
    SAMOVAR_ASSIGN(const Value key, sort_key(runtime, items[i], path, case_sensitive));
    if (i > 0) {
      SAMOVAR_ASSIGN(const bool better, compare(runtime, op, key, best_key));
      if (!better) continue;
    }
    best = items[i];
    best_key = key;
  }
  return best;
}

}  // namespace

std::span<const NativeEntry> number_filters() {
  static constexpr std::array<NativeEntry, 7> kFilters{{
      {"abs", abs_filter},
      {"float", float_filter},
      {"int", int_filter},
      {"max", extreme_filter<Operator::kGreater>},
      {"min", extreme_filter<Operator::kLess>},
      {"round", round_filter},
      {"sum", sum_filter},
  }};
  return kFilters;
}

}  // namespace samovar::chat
