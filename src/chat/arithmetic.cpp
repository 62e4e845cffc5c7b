#include "base/checked.h"
#include "chat/operators.h"
#include "chat/python_text.h"
#include "chat/string_format.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include <fmt/format.h>

namespace samovar::chat {
namespace {

// In the order of Operator.
constexpr std::array<std::string_view, 7> kSymbols{"+", "-", "*", "/", "//", "%", "**"};

Status type_error(Operator op, const Value& a, const Value& b) {
  if (a.is_undefined()) return undefined_error(a);
  if (b.is_undefined()) return undefined_error(b);
  return runtime_error(fmt::format("operator {} does not take {} and {}",
                                   kSymbols[static_cast<size_t>(op)], a.type_name(),
                                   b.type_name()));
}

Status overflow_error() {
  return runtime_error("integer is over 64 bits");
}

Result<Value> integer_or_overflow(std::optional<int64_t> result) {
  if (!result) return overflow_error();
  return Value::integer(*result);
}

Result<Value> integer_power(int64_t base, int64_t exponent) {
  if (exponent < 0) {
    if (base == 0) return runtime_error("division by zero");
    return Value::real(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
  }
  int64_t power = 1;
  if (base == 0 || base == 1) return Value::integer(exponent == 0 ? 1 : base);
  if (base == -1) return Value::integer(exponent % 2 == 0 ? 1 : -1);
  for (; exponent > 0; --exponent) {  // at most 63 rounds: |base| >= 2
    const auto next = checked_mul(power, base);
    if (!next) return overflow_error();
    power = *next;
  }
  return Value::integer(power);
}

// Python rounds quotients down, C++ towards zero.
Result<Value> integer_division(Operator op, int64_t a, int64_t b) {
  if (b == 0) return runtime_error("division by zero");
  if (op == Operator::kDivide) return Value::real(static_cast<double>(a) / static_cast<double>(b));
  if (b == -1) {
    if (op == Operator::kModulo) return Value::integer(0);
    if (a == std::numeric_limits<int64_t>::min()) return overflow_error();
    return Value::integer(-a);
  }
  const bool rounds_down = a % b != 0 && (a < 0) != (b < 0);
  if (op == Operator::kModulo) return Value::integer(a % b + (rounds_down ? b : 0));
  return Value::integer(a / b - (rounds_down ? 1 : 0));
}

Result<Value> integer_arithmetic(Operator op, int64_t a, int64_t b) {
  int64_t result = 0;
  switch (op) {
    case Operator::kAdd:
      return integer_or_overflow(checked_add(a, b));
    case Operator::kSubtract:
      if (__builtin_sub_overflow(a, b, &result)) return overflow_error();
      return Value::integer(result);
    case Operator::kMultiply:
      return integer_or_overflow(checked_mul(a, b));
    case Operator::kPower:
      return integer_power(a, b);
    default:
      return integer_division(op, a, b);
  }
}

Result<Value> real_arithmetic(Operator op, double a, double b) {
  const bool divides =
      op == Operator::kDivide || op == Operator::kFloorDivide || op == Operator::kModulo;
  if (divides && b == 0) return runtime_error("float division by zero");
  switch (op) {
    case Operator::kAdd:
      return Value::real(a + b);
    case Operator::kSubtract:
      return Value::real(a - b);
    case Operator::kMultiply:
      return Value::real(a * b);
    case Operator::kDivide:
      return Value::real(a / b);
    case Operator::kFloorDivide:
      return Value::real(std::floor(a / b));
    case Operator::kModulo:
      return Value::real(a - b * std::floor(a / b));
    default:
      return Value::real(std::pow(a, b));
  }
}

Text escaped_unless_markup(const String& string) {
  return string.markup ? string.text : escape_html(string.text);
}

Result<Value> add_strings(Runtime& runtime, const String& a, const String& b) {
  if (a.markup || b.markup) {
    Text sum = escaped_unless_markup(a);
    sum.append(escaped_unless_markup(b));
    return runtime.make_markup(std::move(sum));
  }
  Text sum = a.text;
  sum.append(b.text);
  return runtime.make_string(std::move(sum));
}

Result<Value> repeat_string(Runtime& runtime, const Text& text, int64_t n) {
  const int64_t n_times = text.empty() ? 0 : std::max<int64_t>(n, 0);
  const auto n_bytes = checked_mul(static_cast<uint64_t>(n_times), uint64_t{text.size()});
  SAMOVAR_TRY(runtime.check_size(n_bytes.value_or(SIZE_MAX)));
  Text repeated;
  for (int64_t i = 0; i < n_times; ++i) repeated.append(text);
  return runtime.make_string(std::move(repeated));
}

Result<Value> repeat_list(Runtime& runtime, const List& list, int64_t n) {
  const auto n_items =
      checked_mul<int64_t>(std::max<int64_t>(n, 0), static_cast<int64_t>(list.items.size()));
  const auto n_steps = checked_mul(n_items.value_or(INT64_MAX), kStepsPerItem);
  SAMOVAR_TRY(runtime.spend(n_steps.value_or(INT64_MAX)));
  Values items;
  if (list.items.empty()) n = 0;
  for (int64_t i = 0; i < n; ++i) items.insert(items.end(), list.items.begin(), list.items.end());
  return runtime.make_list(std::move(items), list.kind);
}

bool is_plain_list(const List& list) {
  return list.kind == ListKind::kList || list.kind == ListKind::kTuple;
}

Result<Value> add_lists(Runtime& runtime, const List& a, const List& b) {
  SAMOVAR_TRY(runtime.spend(static_cast<int64_t>(a.items.size() + b.items.size())));
  Values items = a.items;
  items.insert(items.end(), b.items.begin(), b.items.end());
  return runtime.make_list(std::move(items), a.kind);
}

}  // namespace

Status undefined_error(const Value& value) {
  const std::string* name = std::get<Undefined>(value.data()).name;
  return runtime_error(name ? fmt::format("'{}' is undefined", *name) : "value is undefined");
}

Result<Value> arithmetic(Runtime& runtime, Operator op, const Value& a, const Value& b) {
  SAMOVAR_TRY(runtime.spend(1));
  if (a.is_integral() && b.is_integral()) {
    return integer_arithmetic(op, a.as_integer(), b.as_integer());
  }
  if (a.is_number() && b.is_number()) return real_arithmetic(op, a.as_real(), b.as_real());
  const bool lists =
      a.list() && b.list() && is_plain_list(*a.list()) && a.list()->kind == b.list()->kind;
  if (op == Operator::kAdd && a.string() && b.string()) {
    return add_strings(runtime, *a.string(), *b.string());
  }
  if (op == Operator::kAdd && lists) return add_lists(runtime, *a.list(), *b.list());
  if (op == Operator::kModulo && a.string()) return percent_format(runtime, a.text(), b);
  if (op == Operator::kMultiply) {
    const Value& sequence = a.is_integral() ? b : a;
    const Value& count = a.is_integral() ? a : b;
    if (count.is_integral() && sequence.string()) {
      return repeat_string(runtime, sequence.text(), count.as_integer());
    }
    if (count.is_integral() && sequence.list() && is_plain_list(*sequence.list())) {
      return repeat_list(runtime, *sequence.list(), count.as_integer());
    }
  }
  return type_error(op, a, b);
}

Result<Value> negate(const Value& value) {
  if (value.is_undefined()) return undefined_error(value);
  if (value.is_float()) return Value::real(-value.as_real());
  if (value.is_integral()) return integer_arithmetic(Operator::kSubtract, 0, value.as_integer());
  return runtime_error(fmt::format("operator - does not take {}", value.type_name()));
}

}  // namespace samovar::chat
