// The engine when memory is short.
#include "engine/failing_new.h"
#include "engine/test_support.h"

#include <vector>

#include <doctest/doctest.h>

namespace samovar::engine {
namespace {

Request sampled(int32_t first) {
  Request request = greedy(prompt_of(first, 3), 3);
  request.sampling.temperature = 0.8F;
  request.sampling.seed = 1;
  return request;
}

// Allocations k..k+width-1 of the engine thread fail, for each k until none is left to fail.
void check_survival(int64_t width) {
  Fixture fixture({.n_slots = 2, .n_ctx = 64});
  const std::vector<int32_t> expected = fixture.answer(sampled(1)).tokens;
  CHECK(expected.size() == 3);
  bool struck = true;
  for (int64_t k = 1; struck; ++k) {
    CAPTURE(k);
    REQUIRE(k < 1000);
    Answer answer;
    {
      const FailingNew failing(k, k + width - 1);
      answer = fixture.answer(sampled(1));
      struck = failing.struck();
    }
    if (answer.end.error.ok()) {
      CHECK(answer.tokens == expected);
    } else {
      CHECK(answer.end.reason == FinishReason::kError);
      CHECK(answer.end.error.code() == Code::kResourceExhausted);
      CHECK(struck);
    }
    CHECK(fixture.answer(sampled(1)).tokens == expected);
    CHECK(fixture.engine->stats().requests_deferred.load() == 0);
    CHECK(fixture.engine->stats().requests_processing.load() == 0);
  }
}

TEST_CASE("a step without memory ends its request and the engine serves the next") {
  for (const int64_t width : {1, 20}) check_survival(width);
}

TEST_CASE("a request that finds no memory does not harm the one beside it") {
  Fixture fixture({.n_slots = 2, .n_ctx = 64});
  const std::vector<int32_t> expected = fixture.answer(greedy(prompt_of(1, 9), 20)).tokens;
  const auto beside = fixture.submit(greedy(prompt_of(1, 9), 20));
  CHECK(beside->next().kind == Event::Kind::kToken);
  const FailingNew failing(1, 1);
  const Answer victim = fixture.answer(sampled(5));
  const Answer other = answer_of(*beside);
  // One of the two met the failure; which one is a matter of moments.
  CHECK(failing.struck());
  CHECK(victim.end.error.ok() != other.end.error.ok());
  if (other.end.error.ok()) CHECK(other.tokens.size() == expected.size() - 1);
}

// A sink that never has memory, not even for the end.
class PoorSink final : public EventSink {
 public:
  explicit PoorSink(Mailbox<bool>& last_words) : last_words_(last_words) {}
  ~PoorSink() override { last_words_.send(true); }
  void on_event(const Event&) override { throw std::bad_alloc(); }

 private:
  Mailbox<bool>& last_words_;
};

TEST_CASE("a sink without memory is let go") {
  Fixture fixture({.n_slots = 1, .n_ctx = 64});
  Mailbox<bool> last_words;
  Request request = greedy(prompt_of(1, 4), 3);
  request.sink = std::make_shared<PoorSink>(last_words);
  REQUIRE(fixture.engine->submit(std::move(request)).ok());
  CHECK(last_words.receive().has_value());
  CHECK(fixture.answer(greedy(prompt_of(1, 4), 3)).tokens.size() == 3);
}

}  // namespace
}  // namespace samovar::engine
