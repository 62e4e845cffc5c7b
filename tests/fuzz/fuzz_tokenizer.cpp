// Any bytes as a text for two small vocabularies: the first byte says how it is encoded and cut.
//
// What is encoded comes back when it is decoded, at once or as a stream, borders between spans cut
// no word, and a text never has fewer tokens than its bytes say.
// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/small_vocabulary.h"
#include "tokenizer/stream_decoder.h"
#include "tokenizer/tokenizer.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace {

using samovar::tokenizer::EncodeOptions;
using samovar::tokenizer::kSpaceMark;
using samovar::tokenizer::SmallVocabulary;
using samovar::tokenizer::StreamDecoder;
using samovar::tokenizer::TextSpan;
using samovar::tokenizer::Token;
using samovar::tokenizer::Tokenizer;
using samovar::tokenizer::TokenKind;

struct Subject {
  explicit Subject(SmallVocabulary vocabulary)
      : small(std::move(vocabulary)), tokenizer(*Tokenizer::create(small.definition())) {}
  SmallVocabulary small;
  Tokenizer tokenizer;
};

// SPM can't tell U+2581 from a space.
std::string with_spaces(std::string text) {
  for (size_t at = 0; (at = text.find(kSpaceMark, at)) != std::string::npos;) {
    text.replace(at, kSpaceMark.size(), " ");
  }
  return text;
}

void check_stream(const Tokenizer& tokenizer, const std::vector<Token>& tokens) {
  StreamDecoder decoder(tokenizer.vocabulary());
  for (const Token token : tokens) {
    decoder.push(token);
    if (decoder.held_bytes() > 3) __builtin_trap();
  }
  decoder.flush();
}

// Control tokens come from trusted bytes alone.
void check_spans(const Tokenizer& tokenizer, std::string_view text, size_t cut) {
  const std::array<TextSpan, 2> plain = {{{text.substr(0, cut)}, {text.substr(cut)}}};
  const std::vector<Token> tokens = tokenizer.encode_spans(plain, false);
  if (tokens != tokenizer.encode(text)) __builtin_trap();
  for (const Token token : tokens) {
    if (tokenizer.vocabulary().kind(token) == TokenKind::kControl) __builtin_trap();
  }
  const std::array<TextSpan, 2> half = {{{text.substr(0, cut), true}, {text.substr(cut)}}};
  tokenizer.encode_spans(half, true);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const std::array<Subject, 2> subjects = {Subject(SmallVocabulary::bpe()),
                                                  Subject(SmallVocabulary::spm())};
  if (size == 0) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  const Tokenizer& tokenizer = subjects[data[0] & 1U].tokenizer;
  const bool spm = (data[0] & 1U) != 0;
  const EncodeOptions options = {.parse_special = (data[0] & 2U) != 0};
  const std::vector<Token> tokens = tokenizer.encode(text, options);
  if (tokenizer.least_tokens(text) > tokens.size()) __builtin_trap();
  const std::string back = tokenizer.decode(tokens, true);
  if (back != (spm ? with_spaces(std::string(text)) : text)) __builtin_trap();
  check_stream(tokenizer, tokens);
  check_spans(tokenizer, text, text.size() * (data[0] >> 2U) / 63);
  return 0;
}
