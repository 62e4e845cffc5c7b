#include "tokenizer/utf8.h"

namespace samovar::tokenizer {
namespace {

struct Lead {
  uint32_t size;        // B of the whole character; 0: no character starts so
  uint32_t bits;        // of the code, in the lead byte
  uint8_t second_low;   // bounds of the second byte: they exclude overlong forms,
  uint8_t second_high;  // surrogates, and what lies above U+10FFFF
};

Lead lead_of(uint8_t byte) {
  if (byte < 0xC2 || byte > 0xF4) return {0, 0, 0, 0};
  if (byte < 0xE0) return {2, byte & 0x1FU, 0x80, 0xBF};
  if (byte < 0xF0) {
    const uint8_t low = byte == 0xE0 ? 0xA0 : 0x80;
    const uint8_t high = byte == 0xED ? 0x9F : 0xBF;
    return {3, byte & 0x0FU, low, high};
  }
  const uint8_t low = byte == 0xF0 ? 0x90 : 0x80;
  const uint8_t high = byte == 0xF4 ? 0x8F : 0xBF;
  return {4, byte & 0x07U, low, high};
}

}  // namespace

Utf8Char decode_multibyte(std::string_view text, size_t pos) {
  const Lead lead = lead_of(static_cast<uint8_t>(text[pos]));
  if (lead.size == 0) return {kReplacement, 1, false, false};
  uint32_t code = lead.bits;
  for (uint32_t i = 1; i < lead.size; ++i) {
    if (pos + i >= text.size()) return {kReplacement, i, false, true};
    const auto byte = static_cast<uint8_t>(text[pos + i]);
    const uint8_t low = i == 1 ? lead.second_low : 0x80;
    const uint8_t high = i == 1 ? lead.second_high : 0xBF;
    if (byte < low || byte > high) return {kReplacement, i, false, false};
    code = (code << 6) | (byte & 0x3FU);
  }
  return {code, lead.size, true, false};
}

void append_utf8(uint32_t code, std::string& out) {
  const auto tail = [&](uint32_t shift) {
    out.push_back(static_cast<char>(0x80U | ((code >> shift) & 0x3FU)));
  };
  if (code < 0x80) {
    out.push_back(static_cast<char>(code));
  } else if (code < 0x800) {
    out.push_back(static_cast<char>(0xC0U | (code >> 6)));
    tail(0);
  } else if (code < 0x10000) {
    out.push_back(static_cast<char>(0xE0U | (code >> 12)));
    tail(6);
    tail(0);
  } else {
    out.push_back(static_cast<char>(0xF0U | (code >> 18)));
    tail(12);
    tail(6);
    tail(0);
  }
}

}  // namespace samovar::tokenizer
