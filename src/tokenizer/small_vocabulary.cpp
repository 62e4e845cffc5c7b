#include "tokenizer/small_vocabulary.h"

#include "tokenizer/byte_alphabet.h"
#include "tokenizer/utf8.h"

#include <fmt/format.h>

namespace samovar::tokenizer {
namespace {

// `bytes` in GPT-2's alphabet.
std::string in_alphabet(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) append_utf8(kByteToCode[static_cast<uint8_t>(c)], text);
  return text;
}

}  // namespace

Token SmallVocabulary::add(std::string text, TokenKind kind, float score) {
  definition_.texts.push_back(texts_.emplace_back(std::move(text)));
  definition_.kinds.push_back(kind);
  definition_.scores.push_back(score);
  return static_cast<Token>(definition_.texts.size() - 1);
}

void SmallVocabulary::add_merge(const std::string& left, const std::string& right) {
  const std::string first = in_alphabet(left);
  const std::string second = in_alphabet(right);
  add(first + second);
  definition_.merges.push_back(texts_.emplace_back(first + " " + second));
}

void SmallVocabulary::add_specials() {
  add("<|im_start|>", TokenKind::kControl);
  add("<|im_end|>", TokenKind::kControl);
  add("<tool>", TokenKind::kUserDefined);
}

SmallVocabulary SmallVocabulary::bpe() {
  SmallVocabulary small;
  small.definition_.model = "gpt2";
  small.definition_.pre = "gpt-2";
  for (int byte = 0; byte < 256; ++byte)
    small.add(in_alphabet(std::string(1, static_cast<char>(byte))));
  small.add_merge("l", "l");
  small.add_merge("h", "e");
  small.add_merge("he", "ll");
  small.add_merge("hell", "o");
  small.add_merge(" ", "w");
  small.add_merge("o", "r");
  small.add_merge(" w", "or");
  small.add_merge("l", "d");
  small.add_merge(" wor", "ld");
  small.add_merge("\xC3", "\xA9");  // U+00E9, whole
  small.add_merge("\xF0", "\x9F");  // half of U+1F600
  small.add_specials();
  return small;
}

SmallVocabulary SmallVocabulary::spm() {
  SmallVocabulary small;
  small.definition_.model = "llama";
  small.add("<unk>", TokenKind::kUnknown);
  small.add("<s>", TokenKind::kControl);
  small.add("</s>", TokenKind::kControl);
  for (int byte = 0; byte < 256; ++byte)
    small.add(fmt::format("<0x{:02X}>", byte), TokenKind::kByte);
  float score = 0;  // best first, as trainers write them
  for (const char* text :
       {"ll", "he", "hell", "hello", "\u2581w", "or", "\u2581wor", "ld", "\u2581world",
        "\u2581hello", "\u2581", "h", "e", "l", "o", "w", "r", "d", "\u00e9"}) {
    small.add(text, TokenKind::kNormal, score--);
  }
  small.add_specials();
  return small;
}

}  // namespace samovar::tokenizer
