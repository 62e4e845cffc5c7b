#include "tokenizer/special_matcher.h"

#include "tokenizer/small_vocabulary.h"

#include <algorithm>
#include <string>

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

TEST_CASE("Among tokens that begin with each other the longest that is allowed is found") {
  struct Known {
    std::string_view text;
    TokenKind kind;
  };
  constexpr Known kKnown[] = {
      {"ab", TokenKind::kUserDefined},   {"aba", TokenKind::kControl},
      {"abab", TokenKind::kUserDefined}, {"abacab", TokenKind::kControl},
      {"abb", TokenKind::kControl},      {"ac", TokenKind::kControl},
      {"acab", TokenKind::kUserDefined}, {"ba", TokenKind::kUserDefined},
  };
  SmallVocabulary small = SmallVocabulary::bpe();
  for (const Known& known : kKnown) small.add(std::string(known.text), known.kind);
  const auto vocabulary = Vocabulary::create(small.definition());
  REQUIRE(vocabulary.ok());
  const SpecialMatcher matcher(*vocabulary);
  for (int number = 0; number < 729; ++number) {  // all texts of six letters
    std::string text;
    for (int rest = number; text.size() < 6; rest /= 3) text += "abc"[rest % 3];
    for (size_t trusted_end = 0; trusted_end <= text.size(); ++trusted_end) {
      size_t longest = 0;
      for (const Known& known : kKnown) {
        const size_t size = known.text.size();
        const bool allowed = known.kind == TokenKind::kUserDefined || size <= trusted_end;
        if (allowed && text.starts_with(known.text)) longest = std::max(longest, size);
      }
      CAPTURE(text);
      const auto match = matcher.match(text, 0, trusted_end);
      CHECK((match ? match->size : 0) == longest);
    }
  }
}

TEST_CASE("A token of 64 KiB is not looked for at each byte of a megabyte") {
  SmallVocabulary small = SmallVocabulary::bpe();
  const std::string longest(SpecialMatcher::kMaxTextBytes, 'b');
  const Token token = small.add(longest, TokenKind::kUserDefined);
  small.add(longest + "b", TokenKind::kUserDefined);
  small.add(std::string(65'535, 'a') + "b", TokenKind::kUserDefined);
  const auto vocabulary = Vocabulary::create(small.definition());
  REQUIRE(vocabulary.ok());
  const SpecialMatcher matcher(*vocabulary);
  const std::string text(size_t{1} << 20, 'a');
  size_t n_found = 0;
  for (size_t pos = 0; pos < text.size(); ++pos) {
    if (matcher.match(text, pos, text.size())) ++n_found;
  }
  CHECK(n_found == 0);
  CHECK(matcher.match(longest + "b", 0, 0)->token == token);
}

}  // namespace
}  // namespace samovar::tokenizer
