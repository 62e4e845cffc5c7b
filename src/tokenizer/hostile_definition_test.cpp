// Definitions as no trainer writes them: refused by key, or harmless.
#include "tokenizer/small_vocabulary.h"
#include "tokenizer/tokenizer.h"

#include <functional>
#include <limits>

#include <doctest/doctest.h>

namespace samovar::tokenizer {
namespace {

struct Case {
  const char* name;
  Code code;
  const char* key;  // that the message names
  std::function<void(Definition&)> spoil;
};

void set_special(Definition& definition, Special part, int64_t id) {
  definition.specials[static_cast<size_t>(part)] = id;
}

TEST_CASE("Broken definitions are refused, and the message names the key") {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  const Case cases[] = {
      {"no model", Code::kUnsupported, "ggml.model", [](Definition& d) { d.model = ""; }},
      {"other model", Code::kUnsupported, "ggml.model", [](Definition& d) { d.model = "bert"; }},
      {"no tokens", Code::kCorrupt, "ggml.tokens", [](Definition& d) { d.texts.clear(); }},
      {"twin tokens", Code::kCorrupt, "ggml.tokens",
       [](Definition& d) { d.texts[7] = d.texts[9]; }},
      {"too few kinds", Code::kCorrupt, "token_type", [](Definition& d) { d.kinds.pop_back(); }},
      {"too many kinds", Code::kCorrupt, "token_type",
       [](Definition& d) { d.kinds.push_back(TokenKind::kNormal); }},
      {"too few scores", Code::kCorrupt, "ggml.scores", [](Definition& d) { d.scores.pop_back(); }},
      {"score NaN", Code::kCorrupt, "ggml.scores", [=](Definition& d) { d.scores[3] = kNan; }},
      {"bos beyond the end", Code::kCorrupt, "bos_token_id",
       [](Definition& d) { set_special(d, Special::kBos, std::ssize(d.texts)); }},
      {"negative eos", Code::kCorrupt, "eos_token_id",
       [](Definition& d) { set_special(d, Special::kEos, -1); }},
      {"byte token without byte", Code::kCorrupt, "ggml.tokens",
       [](Definition& d) { d.kinds.back() = TokenKind::kByte; }},
  };
  for (const SmallVocabulary& small : {SmallVocabulary::bpe(), SmallVocabulary::spm()}) {
    REQUIRE(Tokenizer::create(small.definition()).ok());
    for (const Case& broken : cases) {
      CAPTURE(broken.name);
      Definition definition = small.definition();
      broken.spoil(definition);
      const auto tokenizer = Tokenizer::create(definition);
      REQUIRE_FALSE(tokenizer.ok());
      CHECK(tokenizer.status().code() == broken.code);
      CHECK(tokenizer.status().message().find(broken.key) != std::string::npos);
    }
  }
}

TEST_CASE("Broken merges and unknown ways of cutting words are refused") {
  const SmallVocabulary small = SmallVocabulary::bpe();
  for (const char* merge : {"", "ab", "h", " ", "zz e", "h zz", "h x", "h  e", "he "}) {
    CAPTURE(merge);
    Definition definition = small.definition();
    definition.merges.push_back(merge);
    const auto tokenizer = Tokenizer::create(definition);
    REQUIRE_FALSE(tokenizer.ok());
    CHECK(tokenizer.status().code() == Code::kCorrupt);
    CHECK(tokenizer.status().message().find("ggml.merges: element 11") != std::string::npos);
  }
  Definition definition = small.definition();
  definition.pre = "nobody's";
  const auto tokenizer = Tokenizer::create(definition);
  CHECK(tokenizer.status().code() == Code::kUnsupported);
  CHECK(tokenizer.status().message().find("ggml.pre") != std::string::npos);
}

TEST_CASE("A merge that is listed twice counts at its first place") {
  const SmallVocabulary small = SmallVocabulary::bpe();
  Definition definition = small.definition();
  definition.merges.push_back(definition.merges.front());
  const auto twice = Tokenizer::create(definition);
  const auto once = Tokenizer::create(small.definition());
  REQUIRE(twice.ok());
  CHECK(twice->encode("hello world") == once->encode("hello world"));
}

TEST_CASE("Bytes without a token become the unknown token, or nothing where there is none") {
  const std::string_view texts[] = {"a", "b"};
  Definition definition{.model = "gpt2", .pre = "gpt-2", .texts = {texts[0], texts[1]}};
  auto tokenizer = Tokenizer::create(definition);
  REQUIRE(tokenizer.ok());
  CHECK(tokenizer->encode("axb") == std::vector<Token>{0, 1});
  set_special(definition, Special::kUnknown, 1);
  tokenizer = Tokenizer::create(definition);
  REQUIRE(tokenizer.ok());
  CHECK(tokenizer->encode("axb") == std::vector<Token>{0, 1, 1});
}

TEST_CASE("Infinite scores, an empty token and kinds all control are harmless") {
  SmallVocabulary small = SmallVocabulary::spm();
  small.add("");
  Definition definition = small.definition();
  for (size_t i = 0; i < definition.scores.size(); ++i) {
    definition.scores[i] = (i % 2 == 0 ? 1.0F : -1.0F) * std::numeric_limits<float>::infinity();
  }
  auto tokenizer = Tokenizer::create(definition);
  REQUIRE(tokenizer.ok());
  CHECK(tokenizer->decode(tokenizer->encode("hello world"), false) == "hello world");
  definition.kinds.assign(definition.texts.size(), TokenKind::kControl);
  tokenizer = Tokenizer::create(definition);
  REQUIRE(tokenizer.ok());
  tokenizer->encode("hello world", {.add_special = true, .parse_special = true});
}

}  // namespace
}  // namespace samovar::tokenizer
