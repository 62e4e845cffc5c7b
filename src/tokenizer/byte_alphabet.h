// GPT-2's byte alphabet: each byte as one printable character, so that merges can be written as
// text.
//
// Printable Latin-1 stands for itself; the other 68 bytes follow from U+0100 on, in order
// (bytes_to_unicode in GPT-2's encoder.py).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>

namespace samovar::tokenizer {

inline constexpr uint32_t kByteAlphabetEnd = 256 + 68;

constexpr bool stands_for_itself(uint32_t byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xFF && byte != 0xAD);
}

// Code point of each byte's character.
inline constexpr std::array<uint32_t, 256> kByteToCode = [] {
  std::array<uint32_t, 256> codes{};
  uint32_t next = 256;
  for (uint32_t byte = 0; byte < 256; ++byte) codes[byte] = stands_for_itself(byte) ? byte : next++;
  return codes;
}();

// Byte of each code point below kByteAlphabetEnd; -1 where there is none.
inline constexpr std::array<int16_t, kByteAlphabetEnd> kCodeToByte = [] {
  std::array<int16_t, kByteAlphabetEnd> bytes{};
  bytes.fill(-1);
  for (uint32_t byte = 0; byte < 256; ++byte) bytes[kByteToCode[byte]] = static_cast<int16_t>(byte);
  return bytes;
}();

constexpr std::optional<uint8_t> alphabet_byte(uint32_t code) {
  if (code >= kByteAlphabetEnd || kCodeToByte[code] < 0) return std::nullopt;
  return static_cast<uint8_t>(kCodeToByte[code]);
}

}  // namespace samovar::tokenizer
