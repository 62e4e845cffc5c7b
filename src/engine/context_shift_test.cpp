#include "engine/context_shift.h"

#include <limits>

#include <doctest/doctest.h>

namespace samovar::engine {
namespace {

TokenRange drop(ContextShift wish, int64_t n_prompt = 100, int64_t n_tokens = 1000) {
  return tokens_to_drop(wish, n_prompt, n_tokens);
}

TEST_CASE("half of what is not kept goes, or as many as were wished") {
  CHECK(drop({}).begin == 0);
  CHECK(drop({}).end == 500);
  CHECK(drop({.n_keep = 200}).begin == 200);
  CHECK(drop({.n_keep = 200}).end == 600);
  CHECK(drop({.n_keep = 200, .n_discard = 300}).end == 500);
}

TEST_CASE("a keep of -1 is the prompt") {
  CHECK(drop({.n_keep = -1}).begin == 100);
  CHECK(drop({.n_keep = -1}, 2000).begin == 997);
}

TEST_CASE("a page goes at least, and something stays behind the gap") {
  constexpr int64_t kMost = std::numeric_limits<int32_t>::max();
  CHECK(drop({.n_discard = 1}).size() == model::kPageTokens);
  CHECK(drop({.n_discard = kMost}).end == 999);
  const TokenRange least = drop({.n_keep = kMost, .n_discard = kMost});
  CHECK(least.begin == 997);
  CHECK(least.end == 999);
  CHECK(drop({}, 10, 20).size() == 19);
}

}  // namespace
}  // namespace samovar::engine
