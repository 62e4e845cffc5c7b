#include "tokenizer/stream_decoder.h"

#include "tokenizer/small_vocabulary.h"
#include "tokenizer/utf8.h"

#include <doctest/doctest.h>

namespace samovar::tokenizer {
namespace {

Vocabulary vocabulary_of(const SmallVocabulary& small) {
  auto vocabulary = Vocabulary::create(small.definition());
  REQUIRE(vocabulary.ok());
  return *std::move(vocabulary);
}

bool is_valid_utf8(std::string_view text) {
  for (size_t pos = 0; pos < text.size();) {
    const Utf8Char character = decode_utf8(text, pos);
    if (!character.valid) return false;
    pos += character.size;
  }
  return true;
}

// All that comes of `tokens`; each piece must be whole characters.
std::string streamed(const Vocabulary& vocabulary, const std::vector<Token>& tokens) {
  StreamDecoder decoder(vocabulary);
  std::string text;
  for (const Token token : tokens) {
    const std::string piece = decoder.push(token);
    CHECK(is_valid_utf8(piece));
    CHECK(decoder.held_bytes() <= 3);
    text += piece;
  }
  return text + decoder.flush();
}

TEST_CASE("Multi-byte text comes out whole however tokens cut it") {
  const std::string text = "a\u00e9\u20ac\U0001F600z";  // 1, 2, 3, 4 and 1 bytes
  // Each of the 2^10 ways to cut the 11 bytes into tokens.
  for (unsigned cuts = 0; cuts < 1U << (text.size() - 1); ++cuts) {
    Definition definition{.model = "llama"};
    std::vector<Token> tokens;
    size_t begin = 0;
    for (size_t end = 1; end <= text.size(); ++end) {
      if (end < text.size() && (cuts >> (end - 1) & 1U) == 0) continue;
      tokens.push_back(static_cast<Token>(definition.texts.size()));
      definition.texts.push_back(std::string_view(text).substr(begin, end - begin));
      begin = end;
    }
    const auto vocabulary = Vocabulary::create(definition);
    REQUIRE(vocabulary.ok());
    REQUIRE(streamed(*vocabulary, tokens) == text);
  }
}

TEST_CASE("Text that comes byte by byte comes out whole, in both vocabularies") {
  for (const SmallVocabulary& small : {SmallVocabulary::bpe(), SmallVocabulary::spm()}) {
    const Vocabulary vocabulary = vocabulary_of(small);
    for (const std::string text : {"a\u00e9\u20ac\U0001F600z", "\u65e5\u672c\u8a9e", "plain"}) {
      std::vector<Token> tokens;
      for (const char c : text) tokens.push_back(*vocabulary.byte_token(static_cast<uint8_t>(c)));
      CHECK(streamed(vocabulary, tokens) == text);
    }
  }
}

TEST_CASE("Bytes that can be no character become U+FFFD as soon as that is certain") {
  const SmallVocabulary small = SmallVocabulary::bpe();
  const Vocabulary vocabulary = vocabulary_of(small);
  const struct {
    std::string_view bytes, text;
  } cases[] = {{"\xff", "\uFFFD"},
               {"\x80\x80", "\uFFFD\uFFFD"},
               {"\xc3(", "\uFFFD("},
               {"\xe2\x82(", "\uFFFD("},
               {"\xf0\x9f\x98", "\uFFFD"},              // unfinished at the end: one for all three
               {"\xed\xa0\x80", "\uFFFD\uFFFD\uFFFD"},  // a surrogate
               {"\xc0\xaf", "\uFFFD\uFFFD"},            // overlong
               {"\xf4\x90\x80\x80", "\uFFFD\uFFFD\uFFFD\uFFFD"}};
  for (const auto& [bytes, text] : cases) {
    std::vector<Token> tokens;
    for (const char c : bytes) tokens.push_back(*vocabulary.byte_token(static_cast<uint8_t>(c)));
    CHECK(streamed(vocabulary, tokens) == text);
  }
}

TEST_CASE("A character in two tokens comes with the second; flush makes the decoder new") {
  const SmallVocabulary small = SmallVocabulary::bpe();
  const Vocabulary vocabulary = vocabulary_of(small);
  StreamDecoder decoder(vocabulary);
  CHECK(decoder.push(*vocabulary.byte_token(0xC3)).empty());
  CHECK(decoder.held_bytes() == 1);
  CHECK(decoder.push(*vocabulary.byte_token(0xA9)) == "\u00e9");
  CHECK(decoder.push(*vocabulary.byte_token(0xC3)).empty());
  CHECK(decoder.flush() == "\uFFFD");
  CHECK(decoder.flush().empty());
  CHECK(decoder.push(*vocabulary.byte_token('x')) == "x");
}

TEST_CASE("Control tokens are hidden unless asked for; ids that are none add nothing") {
  const SmallVocabulary small = SmallVocabulary::spm();
  const Vocabulary vocabulary = vocabulary_of(small);
  const Token end = *vocabulary.find("<|im_end|>");
  StreamDecoder hides(vocabulary), shows(vocabulary, true);
  CHECK(hides.push(end).empty());
  CHECK(shows.push(end) == "<|im_end|>");
  CHECK(hides.push(*vocabulary.find("<tool>")) == "<tool>");
  CHECK(hides.push(-1).empty());
  CHECK(hides.push(1'000'000).empty());
  CHECK(hides.push(*vocabulary.find("\u2581hello")) == " hello");
}

}  // namespace
}  // namespace samovar::tokenizer
