#include "tokenizer/stream_decoder.h"

#include "tokenizer/utf8.h"

#include <utility>

namespace samovar::tokenizer {

std::string StreamDecoder::push(Token token) {
  if (!vocabulary_->contains(token)) return {};
  if (!unparse_special_ && vocabulary_->is_hidden(token)) return {};
  vocabulary_->append_bytes(token, held_);
  std::string text;
  size_t pos = 0;
  while (pos < held_.size()) {
    const Utf8Char character = decode_utf8(held_, pos);
    if (character.truncated) break;
    if (character.valid) {
      text.append(held_, pos, character.size);
    } else {
      text.append(kReplacementBytes);
    }
    pos += character.size;
  }
  held_.erase(0, pos);
  return text;
}

std::string StreamDecoder::flush() {
  return std::exchange(held_, {}).empty() ? std::string() : std::string(kReplacementBytes);
}

}  // namespace samovar::tokenizer
