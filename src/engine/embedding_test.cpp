// Embeddings: requests for a text's final states, beside others.
#include "engine/failing_new.h"
#include "engine/test_support.h"

#include <vector>

#include <doctest/doctest.h>

namespace samovar::engine {
namespace {

using model::Pooling;

constexpr size_t kWidth = 256;  // of the test model

Request embedding(const std::vector<int32_t>& text, Pooling pooling) {
  return {.prompt = text, .pooling = pooling};
}

std::vector<float> vector_of(Fixture& fixture, Request request) {
  const Answer answer = fixture.answer(std::move(request));
  REQUIRE(answer.end.error.ok());
  REQUIRE(answer.end.embedding != nullptr);
  CHECK(answer.tokens.empty());
  return *answer.end.embedding;
}

std::vector<float> alone(const std::vector<int32_t>& text, Pooling pooling) {
  Fixture fixture({.n_slots = 1, .n_ctx = 256, .max_batch_rows = 256});
  return vector_of(fixture, embedding(text, pooling));
}

TEST_CASE("a pooled vector is made of the rows that pooling none gives") {
  const std::vector<int32_t> text = prompt_of(3, 40);
  const std::vector<float> rows = alone(text, Pooling::kNone);
  REQUIRE(rows.size() == 40 * kWidth);
  const auto first = std::vector<float>(rows.begin(), rows.begin() + kWidth);
  const auto last = std::vector<float>(rows.end() - kWidth, rows.end());
  CHECK(alone(text, Pooling::kCls) == first);
  CHECK(alone(text, Pooling::kLast) == last);
  const std::vector<float> mean = alone(text, Pooling::kMean);
  for (size_t i = 0; i < kWidth; ++i) {
    double sum = 0;
    for (size_t row = 0; row < 40; ++row) sum += double{rows[row * kWidth + i]};
    CHECK(mean[i] == static_cast<float>(sum / 40));
  }
}

TEST_CASE("vectors do not depend on chunks, threads, neighbours or what is cached") {
  const std::vector<int32_t> text = prompt_of(3, 70);
  for (const Pooling pooling : {Pooling::kNone, Pooling::kMean, Pooling::kLast}) {
    const std::vector<float> expected = alone(text, pooling);
    for (const int64_t rows : {3, 64}) {
      CAPTURE(rows);
      Fixture fixture({.n_slots = 3, .n_ctx = 256, .max_batch_rows = rows, .n_threads = 2});
      fixture.answer(greedy(text, 4));  // now the text is in the tree
      const auto beside = fixture.submit(greedy(prompt_of(100, 5), 12));
      CHECK(beside->next().kind == Event::Kind::kToken);
      const auto other = fixture.submit(embedding(prompt_of(7, 9), Pooling::kMean));
      CHECK(vector_of(fixture, embedding(text, pooling)) == expected);
      CHECK(*answer_of(*other).end.embedding == alone(prompt_of(7, 9), Pooling::kMean));
      CHECK(answer_of(*beside).tokens.size() == 11);  // behind the first
    }
  }
}

TEST_CASE("answers do not depend on embeddings beside them") {
  const auto expected =
      Fixture({.n_slots = 1, .n_ctx = 256}).answer(greedy(prompt_of(1, 20), 15)).tokens;
  Fixture fixture({.n_slots = 3, .n_ctx = 256, .max_batch_rows = 16});
  const auto answer = fixture.submit(greedy(prompt_of(1, 20), 15));
  for (int32_t i = 0; i < 4; ++i) {
    vector_of(fixture, embedding(prompt_of(i, 20), i % 2 == 0 ? Pooling::kMean : Pooling::kLast));
  }
  CHECK(answer_of(*answer).tokens == expected);
}

TEST_CASE("the last token's vector starts behind a known beginning; others compute every token") {
  Fixture fixture({.n_slots = 1, .n_ctx = 256});
  const std::vector<int32_t> text = prompt_of(5, 100);
  fixture.answer(greedy(text, 4));
  CHECK(fixture.answer(embedding(text, Pooling::kLast)).end.timings.n_cached == 99);
  const Answer mean = fixture.answer(embedding(text, Pooling::kMean));
  CHECK(mean.end.timings.n_cached == 0);
  CHECK(mean.end.timings.n_prompt == 100);
}

TEST_CASE("an embedding leaves nothing in the cache, and counts as a prompt") {
  Fixture fixture({.n_slots = 1, .n_ctx = 256});
  const std::vector<int32_t> text = prompt_of(5, 100);
  for (const Pooling pooling : {Pooling::kLast, Pooling::kMean}) {
    vector_of(fixture, embedding(text, pooling));
  }
  CHECK(fixture.engine->stats().prompt_tokens.load() == 200);
  CHECK(fixture.engine->stats().predicted_tokens.load() == 0);
  CHECK(fixture.answer(greedy(text, 1)).end.timings.n_cached == 0);
}

TEST_CASE("a text may fill the context; a longer one is refused, and so is an empty one") {
  Fixture fixture({.n_slots = 1, .n_ctx = 64});
  CHECK(vector_of(fixture, embedding(prompt_of(1, 64), Pooling::kLast)).size() == kWidth);
  const Status refused = fixture.engine->submit(embedding(prompt_of(1, 65), Pooling::kLast));
  CHECK(refused.code() == Code::kInvalidArgument);
  CHECK(refused.message() ==
        "the text of 65 tokens is too large to process: the context holds 64 tokens; shorten it, "
        "or start with a larger --ctx-size");
  CHECK(fixture.engine->submit(embedding({}, Pooling::kMean)).code() == Code::kInvalidArgument);
}

TEST_CASE("a stop sign ends an embedding in the queue and at work, without a vector") {
  Fixture fixture({.n_slots = 1, .n_ctx = 8192, .max_batch_rows = 1});
  Request running = embedding(prompt_of(1, 8000), Pooling::kMean);
  Request waiting = embedding(prompt_of(2, 8000), Pooling::kMean);
  const auto running_sign = running.stop_sign, waiting_sign = waiting.stop_sign;
  const auto at_work = fixture.submit(std::move(running));
  const auto in_queue = fixture.submit(std::move(waiting));
  waiting_sign->store(StopSign::kGone);
  CHECK(answer_of(*in_queue).end.reason == FinishReason::kStopSign);
  running_sign->store(StopSign::kGone);
  const Answer ended = answer_of(*at_work);
  CHECK(ended.end.reason == FinishReason::kStopSign);
  CHECK(ended.end.embedding == nullptr);
  CHECK(fixture.engine->stats().requests_processing.load() == 0);
}

TEST_CASE("an embedding without memory ends with an error, and the next one is whole") {
  Fixture fixture({.n_slots = 1, .n_ctx = 64});
  const std::vector<int32_t> text = prompt_of(1, 20);
  for (const Pooling pooling : {Pooling::kNone, Pooling::kMean}) {
    const std::vector<float> expected = alone(text, pooling);
    bool struck = true;
    for (int64_t k = 1; struck; ++k) {
      CAPTURE(k);
      REQUIRE(k < 1000);
      Answer answer;
      {
        const FailingNew failing(k, k);
        answer = fixture.answer(embedding(text, pooling));
        struck = failing.struck();
      }
      if (answer.end.error.ok()) {
        CHECK(*answer.end.embedding == expected);
      } else {
        CHECK(answer.end.error.code() == Code::kResourceExhausted);
        CHECK(answer.end.embedding == nullptr);
      }
    }
    CHECK(vector_of(fixture, embedding(text, pooling)) == expected);
  }
}

}  // namespace
}  // namespace samovar::engine
