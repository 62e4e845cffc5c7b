// The hash of the tokenizer's flat tables, and their size.
//
// Multiply-and-fold of 8 bytes at a time (the core of wyhash, public domain). Not meant to
// withstand chosen keys: the keys of a table come from the model file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace samovar::tokenizer {

constexpr uint64_t hash_mix(uint64_t a, uint64_t b) {
  const auto product = static_cast<unsigned __int128>(a) * b;
  return static_cast<uint64_t>(product) ^ static_cast<uint64_t>(product >> 64);
}

constexpr uint64_t hash_word(uint64_t word) {
  return hash_mix(word ^ 0xA0761D6478BD642FULL, 0xE7037ED1A0B428DBULL);
}

inline uint64_t hash_text(std::string_view text) {
  uint64_t hash = text.size();
  while (text.size() > 8) {
    uint64_t word = 0;
    std::memcpy(&word, text.data(), 8);
    hash = hash_word(hash ^ word);
    text.remove_prefix(8);
  }
  uint64_t tail = 0;
  std::memcpy(&tail, text.data(), text.size());
  return hash_word(hash_word(hash) ^ tail);
}

// Slots of an open-addressing table for `count` keys: a power of two, at most 3/4 full, never full.
constexpr size_t table_size(size_t count) {
  return std::bit_ceil(count + count / 3 + 2);
}

}  // namespace samovar::tokenizer
