#include "tokenizer/debug_tokenize.h"

#include "tokenizer/small_vocabulary.h"

#include <doctest/doctest.h>

namespace samovar::tokenizer {
namespace {

TEST_CASE("A line with text or bytes gives ids, any other an error") {
  const SmallVocabulary small = SmallVocabulary::bpe();
  const auto tokenizer = Tokenizer::create(small.definition());
  REQUIRE(tokenizer.ok());
  const auto reply = [&](std::string_view line) { return tokenize_line(*tokenizer, line); };
  CHECK(reply(R"({"text": "hello"})") == R"({"ids":[259]})");
  CHECK(reply(R"({"bytes_hex": "68656C6c6f", "add_special": true})") == R"({"ids":[259]})");
  CHECK(reply(R"({"text": "<|im_end|>", "parse_special": true})") == R"({"ids":[268]})");
  CHECK(reply(R"({"text": ""})") == R"({"ids":[]})");
  for (const char* line : {"", "[]", "{}", R"({"text": 1})", R"({"bytes_hex": "0"})",
                           R"({"bytes_hex": "zz"})", R"({"text": "", "parse_special": 1})"}) {
    CAPTURE(line);
    CHECK(reply(line).starts_with(R"({"error":")"));
  }
}

}  // namespace
}  // namespace samovar::tokenizer
