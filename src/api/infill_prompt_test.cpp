#include "api/infill_prompt.h"

#include "api/prompt_fields.h"
#include "tokenizer/small_vocabulary.h"

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

using tokenizer::SmallVocabulary;
using tokenizer::Tokenizer;

// Tokens for filling in, found by their texts.
SmallVocabulary vocabulary_with(bool repository) {
  SmallVocabulary small = SmallVocabulary::bpe();
  for (const char* text : {"<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>"}) {
    small.add(text, tokenizer::TokenKind::kControl);
  }
  if (repository) {
    for (const char* text : {"<|repo_name|>", "<|file_sep|>"}) {
      small.add(text, tokenizer::TokenKind::kControl);
    }
  }
  return small;
}

std::string text_of(const InfillParts& parts, const SmallVocabulary& small) {
  const auto tokenizer = Tokenizer::create(small.definition());
  REQUIRE(tokenizer.ok());
  return pieces_text(tokenizer->vocabulary(), infill_prompt(parts, *tokenizer));
}

TEST_CASE("prefix, suffix and middle stand in the model's order") {
  const SmallVocabulary small = vocabulary_with(false);
  InfillParts parts{.prefix = "ab", .suffix = "yz", .prompt = "cd", .n_ctx = 4096};
  CHECK(text_of(parts, small) == "<|fim_prefix|>abcd<|fim_suffix|>yz<|fim_middle|>");
  parts.suffix_first = true;
  CHECK(text_of(parts, small) == "<|fim_suffix|>yz<|fim_prefix|>abcd<|fim_middle|>");
}

TEST_CASE("other texts of the project come first, with their names") {
  const InfillParts parts{
      .prefix = "a", .suffix = "b", .extras = {{"x.h", "one"}, {"", "two"}}, .n_ctx = 4096};
  CHECK(text_of(parts, vocabulary_with(true)) ==
        "<|repo_name|>myproject\n<|file_sep|>x.h\none<|file_sep|>tmp\ntwo<|file_sep|>filename\n"
        "<|fim_prefix|>a<|fim_suffix|>b<|fim_middle|>");
  CHECK(text_of(parts, vocabulary_with(false)).find("one") != std::string::npos);
}

TEST_CASE("control tokens in a user's text stay text") {
  const SmallVocabulary small = vocabulary_with(false);
  const auto tokenizer = Tokenizer::create(small.definition());
  const auto tokens =
      infill_prompt({.prefix = "<|fim_middle|>", .suffix = "", .n_ctx = 4096}, *tokenizer);
  CHECK(tokens.size() > 4);
}

TEST_CASE("where not all fits, the end of the prefix and the newest extras stay") {
  const SmallVocabulary small = vocabulary_with(true);
  InfillParts parts{
      .prefix = std::string(1000, '1') + "E", .suffix = "S" + std::string(1000, '2'), .n_ctx = 128};
  parts.extras = {{"old", std::string(500, '3')}};
  const auto tokenizer = Tokenizer::create(small.definition());
  const auto tokens = infill_prompt(parts, *tokenizer);
  CHECK(tokens.size() < 128);
  const std::string text = pieces_text(tokenizer->vocabulary(), tokens);
  CHECK(text.find("1E<|fim_suffix|>S2") != std::string::npos);
}

TEST_CASE("a model without these tokens cannot fill in") {
  const SmallVocabulary small = SmallVocabulary::bpe();
  CHECK_FALSE(can_infill(Tokenizer::create(small.definition())->vocabulary()));
}

}  // namespace
}  // namespace samovar::api
