#include "engine/chunk_policy.h"

#include <doctest/doctest.h>

namespace samovar::engine {
namespace {

// A machine on which a row of a prompt costs a tenth of a step of answers.
void serve(ChunkPolicy& policy, int n_steps) {
  for (int i = 0; i < n_steps; ++i) {
    const int64_t rows = policy.prompt_rows(1);
    policy.step_took(1, rows, 1000 + 100 * rows);
  }
}

TEST_CASE("a prompt without answers beside it gets whole steps") {
  ChunkPolicy policy(256);
  CHECK(policy.prompt_rows(0) == 256);
  policy.step_took(0, 256, 1'000'000);
  CHECK(policy.prompt_rows(0) == 256);
}

TEST_CASE("beside answers the chunk settles where a step is less than twice as long") {
  ChunkPolicy policy(256);
  for (int i = 0; i < 20; ++i) policy.step_took(1, 0, 1000);
  serve(policy, 100);
  CHECK(policy.prompt_rows(1) <= 9);
  CHECK(policy.prompt_rows(1) >= ChunkPolicy::kMinRows);
}

TEST_CASE("a chunk that costs little grows to the whole step; answers keep their rows") {
  ChunkPolicy policy(64);
  policy.step_took(2, 0, 1'000'000);
  for (int i = 0; i < 100; ++i) policy.step_took(2, policy.prompt_rows(2), 1'000'100);
  CHECK(policy.prompt_rows(2) == 62);
  CHECK(policy.prompt_rows(64) == 0);
  CHECK(policy.prompt_rows(63) == 1);
}

TEST_CASE("guesses leave a prompt its least rows, and each answer its own") {
  const ChunkPolicy policy(8);
  CHECK(policy.draft_rows(1, false) == 7);
  CHECK(policy.draft_rows(1, true) == 3);
  CHECK(policy.draft_rows(3, true) == 1);
  CHECK(policy.draft_rows(7, true) == 0);
  CHECK(policy.draft_rows(8, false) == 0);
}

}  // namespace
}  // namespace samovar::engine
