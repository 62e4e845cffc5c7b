#include "tokenizer/least_tokens.h"

#include "tokenizer/small_vocabulary.h"
#include "tokenizer/tokenizer.h"

#include <random>
#include <string>

#include <doctest/doctest.h>

namespace samovar::tokenizer {
namespace {

Tokenizer tokenizer_of(const Definition& definition) {
  auto tokenizer = Tokenizer::create(definition);
  REQUIRE(tokenizer.ok());
  return *std::move(tokenizer);
}

std::string repeated(std::string_view text, int n) {
  std::string out;
  for (int i = 0; i < n; ++i) out += text;
  return out;
}

// Words, spaces, special tokens, halves of characters and any bytes.
std::string random_text(std::mt19937& random) {
  constexpr std::string_view kParts[] = {
      "hello",  " world",       "ll",       " ",           "   ", "\n",     "\u00e9",
      "\u2581", "\u65e5",       "<|im_end", "|>",          "<s>", "<tool>", "<0x41>",
      "\xf0",   "\x9f\x98\x80", "or",       "<|im_start|>"};
  std::string text;
  for (int i = std::uniform_int_distribution(0, 40)(random); i > 0; --i) {
    const auto part = std::uniform_int_distribution<size_t>(0, std::size(kParts))(random);
    if (part < std::size(kParts)) {
      text += kParts[part];
    } else {
      text += static_cast<char>(std::uniform_int_distribution(0, 255)(random));
    }
  }
  return text;
}

void check_never_more(const Tokenizer& tokenizer, std::string_view text) {
  const size_t least = tokenizer.least_tokens(text);
  CHECK(least <= tokenizer.encode(text, {.parse_special = true}).size());
  CHECK(least <= tokenizer.encode(text, {.parse_special = false}).size());
}

TEST_CASE("a text never has fewer tokens than its bytes say") {
  std::mt19937 random(5);
  for (SmallVocabulary small : {SmallVocabulary::bpe(), SmallVocabulary::spm()}) {
    Definition stripping = small.definition();
    stripping.strip_after_special = true;
    const Tokenizer plain = tokenizer_of(small.definition());
    const Tokenizer stripped = tokenizer_of(stripping);
    for (int i = 0; i < 2000; ++i) {
      const std::string text = random_text(random);
      CAPTURE(text);
      check_never_more(plain, text);
      check_never_more(stripped, text);
    }
  }
}

TEST_CASE("bytes of short tokens count more than bytes of long ones") {
  const SmallVocabulary small = SmallVocabulary::bpe();
  const Tokenizer tokenizer = tokenizer_of(small.definition());
  CHECK(tokenizer.least_tokens("") == 0);
  CHECK(tokenizer.least_tokens(repeated("x", 100)) == 100);
  CHECK(tokenizer.least_tokens(repeated("\u00e9", 100)) == 100);
  CHECK(tokenizer.least_tokens(repeated("<tool>", 1200)) ==
        900);                                                // "<", "t" and ">" are in longer ones
  CHECK(tokenizer.least_tokens(repeated(" ", 600)) == 100);  // " world"
}

TEST_CASE("a space is the three bytes that vocabularies with U+2581 spell it with") {
  const SmallVocabulary small = SmallVocabulary::spm();
  const Tokenizer tokenizer = tokenizer_of(small.definition());
  CHECK(tokenizer.least_tokens(repeated(" ", 800)) == 300);       // 3 of 8 bytes of U+2581 world
  CHECK(tokenizer.least_tokens(repeated("\u2581", 800)) == 300);  // the text itself
}

TEST_CASE("spaces that are stripped and bytes that are dropped count nothing") {
  SmallVocabulary small = SmallVocabulary::spm();
  Definition stripping = small.definition();
  stripping.strip_after_special = true;
  CHECK(tokenizer_of(stripping).least_tokens("<tool>" + repeated(" \n", 1000)) == 1);

  SmallVocabulary letters;
  letters.add("a");
  Definition few = letters.definition();
  few.model = "llama";
  few.add_bos = false;
  const Tokenizer tokenizer = tokenizer_of(few);
  const std::string text = repeated("b", 100);
  CHECK(tokenizer.encode(text).size() >= tokenizer.least_tokens(text));
}

}  // namespace
}  // namespace samovar::tokenizer
