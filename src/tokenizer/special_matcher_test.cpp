#include "tokenizer/special_matcher.h"

#include "tokenizer/small_vocabulary.h"

#include <doctest/doctest.h>

namespace samovar::tokenizer {
namespace {

struct Fixture {
  Fixture() {
    shorter = small.add("<a>", TokenKind::kUserDefined);
    longer = small.add("<a><b>", TokenKind::kControl);
    other = small.add("<a><c", TokenKind::kUserDefined);
    auto created = Vocabulary::create(small.definition());
    REQUIRE(created.ok());
    vocabulary.emplace(*std::move(created));
  }
  SmallVocabulary small = SmallVocabulary::bpe();
  Token shorter, longer, other;
  std::optional<Vocabulary> vocabulary;
};

TEST_CASE("Of several special tokens at one place the longest is found") {
  const Fixture fixture;
  const SpecialMatcher matcher(*fixture.vocabulary);
  const auto found = [&](std::string_view text, size_t pos) -> Token {
    const auto match = matcher.match(text, pos, text.size());
    return match ? match->token : -1;
  };
  CHECK(found("<a>", 0) == fixture.shorter);
  CHECK(found("<a><b>", 0) == fixture.longer);
  CHECK(found("<a><cc", 0) == fixture.other);
  CHECK(found("<a><", 0) == fixture.shorter);
  CHECK(found("x<a><b", 1) == fixture.shorter);
  CHECK(found("<", 0) == -1);
  CHECK(found("x", 0) == -1);
}

TEST_CASE(
    "A control token that is not trusted to its end gives way to a shorter user-defined one") {
  const Fixture fixture;
  const SpecialMatcher matcher(*fixture.vocabulary);
  CHECK(matcher.match("<a><b>", 0, 6)->token == fixture.longer);
  CHECK(matcher.match("<a><b>", 0, 5)->token == fixture.shorter);
  CHECK(matcher.match("<a><b>", 0, 0)->token == fixture.shorter);
}

}  // namespace
}  // namespace samovar::tokenizer
