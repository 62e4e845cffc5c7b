// Checked integers: the only way sizes, counts and offsets from outside are combined.
//
// Each function returns std::nullopt where the true result does not fit. Thread: pure functions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <concepts>
#include <optional>

namespace samovar {

template <std::integral T>
constexpr std::optional<T> checked_add(T a, T b) {
  T sum{};
  if (__builtin_add_overflow(a, b, &sum)) return std::nullopt;
  return sum;
}

template <std::integral T>
constexpr std::optional<T> checked_mul(T a, T b) {
  T product{};
  if (__builtin_mul_overflow(a, b, &product)) return std::nullopt;
  return product;
}

// `value` rounded up to a multiple of `alignment`. REQUIRES: alignment > 0.
template <std::unsigned_integral T>
constexpr std::optional<T> checked_round_up(T value, T alignment) {
  const T rest = value % alignment;
  return rest == 0 ? std::optional<T>(value) : checked_add<T>(value, alignment - rest);
}

// `value` as a To, if it is representable.
template <std::integral To, std::integral From>
constexpr std::optional<To> checked_cast(From value) {
  To narrowed{};
  if (__builtin_add_overflow(value, From{0}, &narrowed)) return std::nullopt;
  return narrowed;
}

}  // namespace samovar
