// Layers with a sliding window that keep only their window: no text changes, and what is known of a
// beginning is found again.
#include "engine/test_support.h"

#include <vector>

#include <doctest/doctest.h>

namespace samovar::engine {
namespace {

constexpr int64_t kWindow = 16;  // of the tiny model, in six of its seven layers
constexpr const char* kModel = "gemma3";
constexpr int64_t kParted = 2048, kWhole = 512;  // contexts with and without pages of windows

Options options(int64_t n_ctx, int64_t n_slots = 1, int64_t max_batch_rows = 32) {
  return {.n_slots = n_slots, .n_ctx = n_ctx, .max_batch_rows = max_batch_rows};
}

std::vector<int32_t> whole(const std::vector<int32_t>& prompt, int64_t max_tokens) {
  return Fixture(options(kWhole), kModel).answer(greedy(prompt, max_tokens)).tokens;
}

std::vector<int32_t> joined(std::vector<int32_t> text, const std::vector<int32_t>& more) {
  text.insert(text.end(), more.begin(), more.end());
  return text;
}

TEST_CASE("the cache of layers with a window is as large as their windows") {
  const Fixture parted(options(kParted), kModel), small(options(kWhole), kModel);
  const model::ModelConfig& config = parted.model->model().config();
  REQUIRE(config.largest_window() == kWindow);
  const uint64_t all = model::kv_bytes_per_token(config, kernels::KvType::kI16);
  const uint64_t windowed = model::windowed_kv_bytes_per_token(config, kernels::KvType::kI16);
  const auto n_windowed =
      static_cast<uint64_t>(Engine::windowed_pages(config, options(kParted)) * model::kPageTokens);
  CHECK(n_windowed < kParted / 2);
  CHECK(parted.ledger.used_bytes(MemoryUse::kKvCache) ==
        kParted * (all - windowed) + n_windowed * windowed);
  CHECK(small.ledger.used_bytes(MemoryUse::kKvCache) == kWhole * all);
}

TEST_CASE("text is the same with windows given back, whatever the chunks and drafts") {
  const std::vector<int32_t> prompt = prompt_of(3, 330);
  const auto expected = whole(prompt, 90);
  for (const int64_t rows : {9, 32, 256}) {
    CAPTURE(rows);
    Fixture fixture(options(kParted, 1, rows), kModel);
    CHECK(fixture.answer(greedy(prompt, 90)).tokens == expected);
    Request plain = greedy(prompt, 90);
    plain.speculate = false;
    plain.tenant = 1;
    CHECK(fixture.answer(plain).tokens == expected);
  }
}

TEST_CASE("a prompt and a chat that goes on find what was read") {
  Fixture fixture(options(kParted), kModel);
  const std::vector<int32_t> prompt = prompt_of(3, 300);
  const auto first = fixture.answer(greedy(prompt, 30));
  const auto again = fixture.answer(greedy(prompt, 30));
  CHECK(again.end.timings.n_cached == 299);
  CHECK(again.tokens == first.tokens);
  const auto next = joined(joined(prompt, first.tokens), prompt_of(50, 40));
  const auto second = fixture.answer(greedy(next, 30));
  CHECK(second.end.timings.n_cached == 329);
  CHECK(second.tokens == whole(next, 30));
}

TEST_CASE("a beginning whose windows are gone is read again, and then known") {
  Fixture fixture(options(kParted), kModel);
  const std::vector<int32_t> common = prompt_of(3, 150);
  fixture.answer(greedy(joined(common, prompt_of(9, 150)), 4));
  const auto second = joined(common, prompt_of(40, 100));
  const auto read_again = fixture.answer(greedy(second, 20));
  CHECK(read_again.end.timings.n_cached < 150);
  CHECK(read_again.tokens == whole(second, 20));
  const auto third = joined(common, prompt_of(77, 100));
  const auto known = fixture.answer(greedy(third, 20));
  CHECK(known.end.timings.n_cached >= 128);
  CHECK(known.tokens == whole(third, 20));
}

TEST_CASE("many requests share few windows and have the texts they have alone") {
  Fixture fixture(options(kParted, 3), kModel);
  std::vector<std::vector<int32_t>> prompts;
  std::vector<std::shared_ptr<EventQueue>> all;
  for (int32_t i = 0; i < 9; ++i) {
    const auto n = static_cast<size_t>(40 + 35 * i);
    prompts.push_back(joined(prompt_of(3, n), prompt_of(i, 60)));
    all.push_back(fixture.submit(greedy(prompts.back(), 20)));
  }
  for (size_t i = 0; i < all.size(); ++i) CHECK(answer_of(*all[i]).tokens == whole(prompts[i], 20));
}

TEST_CASE("a context with windows shifts like any other") {
  Request request = greedy(prompt_of(3, 100), 150);
  request.shift = ContextShift{.n_keep = 10};
  request.n_ctx = 160;
  Fixture parted(options(kParted), kModel), small(options(kWhole), kModel);
  const auto answer = parted.answer(request);
  CHECK(answer.end.timings.n_dropped > 0);
  CHECK(answer.tokens == small.answer(request).tokens);
}

}  // namespace
}  // namespace samovar::engine
