#include "tokenizer/least_tokens.h"

#include "tokenizer/byte_alphabet.h"
#include "tokenizer/text_model.h"
#include "tokenizer/utf8.h"

#include <algorithm>
#include <array>

namespace samovar::tokenizer {
namespace {

constexpr uint64_t kWhole = uint64_t{1} << 20;  // a token, in the parts that shares are counted in

using ByteTable = std::array<uint64_t, 256>;

size_t index(char byte) {
  return static_cast<uint8_t>(byte);
}

void note_length(std::string_view spelled, ByteTable& longest) {
  for (const char byte : spelled) {
    uint64_t& most = longest[index(byte)];
    most = std::max<uint64_t>(most, spelled.size());
  }
}

// The text that becomes this token where it is found as such, spaces escaped as in other tokens.
void append_own_text(const Vocabulary& vocabulary, Token token, std::string& out) {
  if (vocabulary.text_form() == TextForm::kSpaceEscaped) {
    append_space_escaped(vocabulary.text(token), out);
  } else {
    out.append(vocabulary.text(token));
  }
}

// The bytes that merge into this token.
void append_merged_text(const Vocabulary& vocabulary, Token token, std::string& out) {
  const std::string_view raw = vocabulary.text(token);
  if (vocabulary.text_form() == TextForm::kSpaceEscaped) {
    out.append(raw);
    return;
  }
  for (size_t pos = 0; pos < raw.size();) {
    const Utf8Char character = decode_utf8(raw, pos);
    if (const auto byte = alphabet_byte(character.code)) out.push_back(static_cast<char>(*byte));
    pos += character.size;
  }
}

// [byte]: the length of the longest token that holds it; 1 for bytes that are tokens of their own.
ByteTable longest_tokens(const Vocabulary& vocabulary) {
  ByteTable longest;
  longest.fill(1);
  std::string spelled;
  const auto note = [&](auto append, Token token) {
    spelled.clear();
    append(vocabulary, token, spelled);
    note_length(spelled, longest);
  };
  for (Token token = 0; vocabulary.contains(token); ++token) {
    const TokenKind kind = vocabulary.kind(token);
    if (is_plain(kind)) note(append_merged_text, token);
    if (is_special(kind)) note(append_own_text, token);
  }
  return longest;
}

bool is_ascii_space(uint8_t byte) {
  return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

// [byte of a text]: its share of a token.
ByteTable shares(const Vocabulary& vocabulary, bool strips_spaces) {
  const ByteTable longest = longest_tokens(vocabulary);
  ByteTable out;
  for (size_t byte = 0; byte < out.size(); ++byte) {
    const bool kept = vocabulary.byte_token(static_cast<uint8_t>(byte)) || vocabulary.unknown();
    out[byte] = kept ? kWhole / longest[byte] : 0;  // what has no token at all is dropped
  }
  if (vocabulary.text_form() == TextForm::kSpaceEscaped) {
    out[index(' ')] = 0;
    for (const char byte : kSpaceMark) out[index(' ')] += out[index(byte)];
  }
  for (size_t byte = 0; strips_spaces && byte < out.size(); ++byte) {
    if (is_ascii_space(static_cast<uint8_t>(byte))) out[byte] = 0;
  }
  return out;
}

}  // namespace

size_t least_tokens(const Vocabulary& vocabulary, bool strips_spaces, std::string_view text) {
  const ByteTable share = shares(vocabulary, strips_spaces);
  uint64_t parts = 0;
  for (const char byte : text) parts += share[index(byte)];
  return static_cast<size_t>((parts + kWhole - 1) / kWhole);
}

}  // namespace samovar::tokenizer
