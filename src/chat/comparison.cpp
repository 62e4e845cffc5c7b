// Order, equality and membership.
#include "chat/operators.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace samovar::chat {
namespace {

template <class Number>
int sign_of(Number a, Number b) {
  return static_cast<int>(a > b) - static_cast<int>(a < b);
}

Status type_error(std::string_view what, const Value& a, const Value& b) {
  if (a.is_undefined()) return undefined_error(a);
  if (b.is_undefined()) return undefined_error(b);
  return runtime_error(
      fmt::format("operator {} does not take {} and {}", what, a.type_name(), b.type_name()));
}

bool is_nan(const Value& value) {
  return value.is_float() && std::isnan(value.as_real());
}

}  // namespace

Result<int> order(Runtime& runtime, const Value& a, const Value& b) {
  if (a.is_integral() && b.is_integral()) {
    return sign_of(a.as_integer(), b.as_integer());
  }
  if (a.is_number() && b.is_number()) {
    return sign_of(a.as_real(), b.as_real());
  }
  if (a.string() && b.string()) {
    SAMOVAR_TRY(runtime.spend_bytes(std::min(a.text().size(), b.text().size())));
    return a.bytes().compare(b.bytes());
  }
  if (a.list() && b.list() && a.list()->kind == b.list()->kind) {
    const Values& left = a.list()->items;
    const Values& right = b.list()->items;
    for (size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
      SAMOVAR_ASSIGN(const bool same, runtime.equal(left[i], right[i]));
      if (!same) return order(runtime, left[i], right[i]);
    }
    return sign_of(left.size(), right.size());
  }
  return type_error("<", a, b);
}

Result<bool> contains(Runtime& runtime, const Value& container, const Value& item) {
  if (container.string()) {
    if (!item.string()) return type_error("in", item, container);
    SAMOVAR_TRY(runtime.spend_bytes(container.text().size()));
    return find_bytes(container.bytes(), item.bytes(), 0) != std::string::npos;
  }
  if (const Dict* dict = container.dict()) {
    if (item.is_undefined()) return false;
    if (!Dict::is_key(item)) return type_error("in", item, container);
    return dict->find(item) != nullptr;
  }
  SAMOVAR_ASSIGN(const Values items, runtime.iterate(container));
  for (const Value& candidate : items) {
    SAMOVAR_ASSIGN(const bool same, runtime.equal(candidate, item));
    if (same) return true;
  }
  return false;
}

Result<bool> compare(Runtime& runtime, Operator op, const Value& a, const Value& b) {
  if (op == Operator::kEqual || op == Operator::kNotEqual) {
    SAMOVAR_ASSIGN(const bool same, runtime.equal(a, b));
    return same == (op == Operator::kEqual);
  }
  if (op == Operator::kIn || op == Operator::kNotIn) {
    SAMOVAR_ASSIGN(const bool found, contains(runtime, b, a));
    return found == (op == Operator::kIn);
  }
  SAMOVAR_TRY(runtime.spend(1));
  if ((is_nan(a) && b.is_number()) || (a.is_number() && is_nan(b))) return false;
  SAMOVAR_ASSIGN(const int sign, order(runtime, a, b));
  switch (op) {
    case Operator::kLess:
      return sign < 0;
    case Operator::kLessEqual:
      return sign <= 0;
    case Operator::kGreater:
      return sign > 0;
    default:
      return sign >= 0;
  }
}

}  // namespace samovar::chat
