#include "tokenizer/text_model.h"

#include "tokenizer/utf8.h"

namespace samovar::tokenizer {

size_t first_part(std::string_view word) {
  if (word.size() <= kMaxWordPart) return word.size();
  size_t end = kMaxWordPart;
  while (end > kMaxWordPart - 3 && (static_cast<uint8_t>(word[end]) & 0xC0U) == 0x80) --end;
  return end;
}

Token find_plain(const Vocabulary& vocabulary, std::string_view text) {
  const auto token = vocabulary.find(text);
  return token && is_plain(vocabulary.kind(*token)) ? *token : kNoToken;
}

void append_space_escaped(std::string_view text, std::string& out) {
  for (const char c : text) {
    if (c == ' ') {
      out.append(kSpaceMark);
    } else {
      out.push_back(c);
    }
  }
}

void cut_into_characters(const Vocabulary& vocabulary, std::string_view word,
                         std::vector<Piece>& pieces) {
  pieces.clear();
  pieces.reserve(word.size());
  for (size_t pos = 0; pos < word.size();) {
    const uint32_t size = decode_utf8(word, pos).size;
    pieces.push_back(
        {static_cast<uint32_t>(pos), size, find_plain(vocabulary, word.substr(pos, size))});
    pos += size;
  }
}

void append_tokens(const Vocabulary& vocabulary, std::string_view word,
                   const std::vector<Piece>& pieces, std::vector<Token>& out) {
  for (const Piece& piece : pieces) {
    if (piece.token != kNoToken) {
      out.push_back(piece.token);
      continue;
    }
    for (const char c : word.substr(piece.begin, piece.size)) {
      auto token = vocabulary.byte_token(static_cast<uint8_t>(c));
      if (!token) token = vocabulary.unknown();
      if (token) out.push_back(*token);
    }
  }
}

}  // namespace samovar::tokenizer
