// A full context that drops tokens: what the answer is made of, and what others notice.
#include "engine/test_support.h"

#include <vector>

#include <doctest/doctest.h>

namespace samovar::engine {
namespace {

constexpr int64_t kCtx = 128;

Request shifting(std::vector<int32_t> prompt, int64_t max_tokens, ContextShift shift = {}) {
  Request request = greedy(std::move(prompt), max_tokens);
  request.shift = shift;
  return request;
}

// What requests without a shift give when each gets the text that the shift should have left.
std::vector<int32_t> by_hand(std::vector<int32_t> text, int64_t max_tokens, ContextShift shift) {
  const auto n_prompt = static_cast<int64_t>(text.size());
  std::vector<int32_t> tokens;
  Fixture fixture({.n_slots = 1, .n_ctx = kCtx});
  while (true) {
    const auto left = max_tokens - static_cast<int64_t>(tokens.size());
    const auto answer = fixture.answer(greedy(text, left));
    tokens.insert(tokens.end(), answer.tokens.begin(), answer.tokens.end());
    if (answer.end.reason != FinishReason::kContextFull) return tokens;
    text.insert(text.end(), answer.tokens.begin(), answer.tokens.end());
    const TokenRange gap = tokens_to_drop(shift, n_prompt, kCtx - 1);
    text.erase(text.begin() + gap.begin, text.begin() + gap.end);
  }
}

TEST_CASE("a shifted answer is that of a prompt without the dropped tokens") {
  const ContextShift wishes[] = {{}, {.n_keep = 70}, {.n_keep = -1}, {.n_discard = 100}};
  for (const ContextShift& wish : wishes) {
    CAPTURE(wish.n_keep);
    CAPTURE(wish.n_discard);
    Fixture fixture({.n_slots = 1, .n_ctx = kCtx});
    const auto answer = fixture.answer(shifting(prompt_of(3, 90), 110, wish));
    CHECK(answer.end.reason == FinishReason::kLength);
    CHECK(answer.tokens == by_hand(prompt_of(3, 90), 110, wish));
    CHECK(answer.end.timings.n_dropped >= 90 + 110 - kCtx);
    CHECK(answer.end.timings.n_prompt == 90);
    CHECK(answer.end.timings.n_recomputed > 0);
  }
}

TEST_CASE("kept pages are not computed again, and the same request finds its shifts cached") {
  Fixture fixture({.n_slots = 1, .n_ctx = kCtx, .n_cache_tokens = 16 * kCtx});
  const Request request = shifting(prompt_of(3, 90), 60, {.n_keep = 64});
  const auto answer = fixture.answer(request);
  CHECK(answer.end.timings.n_recomputed < kCtx - 64);
  const auto again = fixture.answer(request);
  CHECK(again.tokens == answer.tokens);
  CHECK(again.end.timings.n_recomputed < answer.end.timings.n_recomputed);
}

TEST_CASE("drafts, sampling and grammars go on across a shift") {
  Fixture fixture({.n_slots = 1, .n_ctx = kCtx});
  Request request = shifting(prompt_of(1, 20), 160);
  request.sampling.temperature = 0.7F;
  request.sampling.repeat_penalty = 1.1F;
  request.sampling.seed = 5;
  request.grammar = *grammar::Grammar::parse_gbnf("root ::= (\"a\" \"b\" \"c\" \"d\"){400}");
  const auto drafted = fixture.answer(request);
  CHECK(drafted.tokens.size() == 160);
  CHECK(drafted.end.timings.n_draft_held > 0);
  auto matcher = request.grammar->matcher();
  const tokenizer::Vocabulary& vocabulary = fixture.model->tokenizer().vocabulary();
  for (const int32_t token : drafted.tokens) REQUIRE(matcher.accept(vocabulary.bytes(token)));
  request.speculate = false;
  CHECK(fixture.answer(request).tokens == drafted.tokens);
}

TEST_CASE("requests that shift beside each other finish with the texts they have alone") {
  const std::vector<int32_t> prompt = prompt_of(3, 100);
  std::vector<std::vector<int32_t>> expected;
  for (int32_t i = 0; i < 4; ++i) {
    std::vector<int32_t> own = prompt;
    own.back() = i;
    expected.push_back(by_hand(own, 100, {}));
  }
  // Room for two sequences: a beginning that was shared parts when a context shifts, so that
  // some must wait for pages.
  for (const int64_t n_cache : {2 * kCtx, 4 * kCtx}) {
    CAPTURE(n_cache);
    Fixture fixture({.n_slots = 4, .n_ctx = kCtx, .n_cache_tokens = n_cache});
    std::vector<std::shared_ptr<EventQueue>> all;
    for (int32_t i = 0; i < 4; ++i) {
      std::vector<int32_t> own = prompt;
      own.back() = i;
      all.push_back(fixture.submit(shifting(std::move(own), 100)));
    }
    for (size_t i = 0; i < all.size(); ++i) {
      const auto answer = answer_of(*all[i]);
      CHECK(answer.end.reason == FinishReason::kLength);
      CHECK(answer.tokens == expected[i]);
    }
    CHECK(fixture.engine->stats().context_shifts.load() >= 4 * 2);
    CHECK(fixture.engine->stats().shift_tokens.load() > 0);
  }
}

TEST_CASE("an endless answer ends when whoever asked goes away") {
  Fixture fixture({.n_slots = 1, .n_ctx = kCtx});
  Request endless = shifting(prompt_of(1, 4), -1);
  const auto sign = endless.stop_sign;
  const auto events = fixture.submit(std::move(endless));
  for (int i = 0; i < 2 * kCtx; ++i) REQUIRE(events->next().kind == Event::Kind::kToken);
  sign->store(StopSign::kGone);
  CHECK(answer_of(*events).end.reason == FinishReason::kStopSign);
  CHECK(fixture.answer(greedy(prompt_of(3, 4), 2)).tokens.size() == 2);
}

TEST_CASE("the smallest context shifts") {
  Fixture fixture({.n_slots = 1, .n_ctx = 64});
  Request request = shifting({1}, 20);
  request.n_ctx = 1;
  CHECK(fixture.answer(request).tokens.size() == 20);
  request = shifting(prompt_of(1, 63), 20, {.n_keep = -1});
  CHECK(fixture.answer(request).tokens.size() == 20);
}

}  // namespace
}  // namespace samovar::engine
