#include "engine/thought_watch.h"

#include "engine/test_support.h"

#include <algorithm>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

namespace samovar::engine {
namespace {

const tokenizer::Vocabulary& vocabulary() {
  static const std::shared_ptr<const LoadedModel> model = test_model();
  return model->tokenizer().vocabulary();
}

// A token for each byte.
std::vector<int32_t> tokens_of(std::string_view text) {
  std::vector<int32_t> out;
  for (const char c : text) out.push_back(*vocabulary().byte_token(static_cast<uint8_t>(c)));
  return out;
}

ThoughtLimit limit_of(int64_t max_tokens, bool begun) {
  return {.open = "<t>",
          .close = "</t>",
          .begun = begun,
          .max_tokens = max_tokens,
          .ending = tokens_of("</t>")};
}

// What becomes of an answer that the model would write as `text`.
std::string watched(const ThoughtLimit& limit, std::string_view text) {
  ThoughtWatch watch(limit, vocabulary());
  std::string out;
  const auto take = [&](int32_t token) {
    watch.accept(token);
    out += vocabulary().bytes(token);
  };
  for (const int32_t token : tokens_of(text)) {
    while (const auto forced = watch.forced()) take(*forced);
    take(token);
  }
  while (const auto forced = watch.forced()) take(*forced);
  return out;
}

TEST_CASE("a thought ends with its budget, and the answer goes on") {
  CHECK(watched(limit_of(3, false), "<t>abcdef") == "<t>abc</t>def");
  CHECK(watched(limit_of(3, false), " \n<t>abcdef") == " \n<t>abc</t>def");
  CHECK(watched(limit_of(3, true), "abcdef") == "abc</t>def");
}

TEST_CASE("no budget ends a thought as it begins") {
  CHECK(watched(limit_of(0, false), "<t>ab") == "<t></t>ab");
  CHECK(watched(limit_of(0, true), "ab") == "</t>ab");
}

TEST_CASE("what ends in time is left alone, as is an answer without a thought") {
  CHECK(watched(limit_of(6, false), "<t>ab</t>cdefghijk") == "<t>ab</t>cdefghijk");
  CHECK(watched(limit_of(0, false), "ab<t>cd") == "ab<t>cd");
  CHECK(watched(limit_of(3, true), "ab</t>cdefghijk") == "ab</t>cdefghijk");
}

TEST_CASE("a tag that never comes whole is not waited for") {
  CHECK(watched(limit_of(2, true), "ab<<<<<<<<") == "ab</t><<<<<<<<");
  CHECK(watched(limit_of(3, true), "ab<<<<<<<<") == "ab<<<<<</t><<<");
}

TEST_CASE("no thought ends amid a character") {
  CHECK(watched(limit_of(1, true), "\xD0\xB6z") == "\xD0\xB6</t>z");
}

TEST_CASE("a thought ends in place of what the model would have said, whatever its bias") {
  Fixture fixture({.n_slots = 1, .n_ctx = 256});
  Request request = greedy(prompt_of(3, 40), 30);
  const auto ban = [&request](int32_t token) {
    request.sampling.logit_bias.emplace_back(token, -std::numeric_limits<float>::infinity());
  };
  const std::vector<int32_t> ending = tokens_of("</t>");
  for (const int32_t token : ending) ban(token);
  for (int byte = 0x80; byte < 0x100; ++byte) {  // whole characters
    ban(*vocabulary().byte_token(static_cast<uint8_t>(byte)));
  }
  const std::vector<int32_t> free = fixture.answer(request).tokens;
  Request limited = request;
  limited.thought.emplace(limit_of(5, true), vocabulary());
  const std::vector<int32_t> ended = fixture.answer(limited).tokens;
  REQUIRE(ended.size() == 30);
  CHECK(std::equal(free.begin(), free.begin() + 5, ended.begin()));
  CHECK(std::equal(ending.begin(), ending.end(), ended.begin() + 5));
  request.prompt.insert(request.prompt.end(), ended.begin(), ended.begin() + 9);
  request.max_tokens = 21;
  CHECK(std::vector(ended.begin() + 9, ended.end()) == fixture.answer(request).tokens);
}

TEST_CASE("the end of a thought is no matter of the grammar, which goes on behind it") {
  Fixture fixture({.n_slots = 1, .n_ctx = 256});
  Request request = greedy(prompt_of(3, 40), 30);
  auto grammar = grammar::Grammar::parse_gbnf(R"(root ::= [a-z]* "</t>" "yes")");
  REQUIRE(grammar.ok());
  request.grammar = *std::move(grammar);
  request.thought.emplace(limit_of(5, true), vocabulary());
  std::string text;
  for (const int32_t token : fixture.answer(request).tokens) text += vocabulary().bytes(token);
  CHECK(text.substr(5) == "</t>yes");
}

}  // namespace
}  // namespace samovar::engine
