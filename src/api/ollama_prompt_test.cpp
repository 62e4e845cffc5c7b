#include "api/ollama_prompt.h"

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

using Tokens = std::vector<int32_t>;

TEST_CASE("a long prompt loses its middle") {
  const Tokens tokens = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};
  CHECK(cut_middle(tokens, 2, 6) == Tokens{0, 1, 6, 7, 8, 9});
  CHECK(cut_middle(tokens, 0, 3) == Tokens{7, 8, 9});
  CHECK(cut_middle(tokens, 9, 4) == Tokens{0, 1, 8, 9});
  CHECK(cut_middle(tokens, -1, 4) == Tokens{0, 1, 8, 9});
  CHECK(cut_middle(tokens, 4, 1) == Tokens{9});
  CHECK(cut_middle(tokens, 4, 10) == tokens);
}

TEST_CASE("the answer gets the tokens it asks for, a quarter if it does not say, half at most") {
  CHECK(room_for_prompt({.max_tokens = 10, .n_ctx = 100}) == 90);
  CHECK(room_for_prompt({.n_ctx = 100}) == 75);
  CHECK(room_for_prompt({.max_tokens = 80, .n_ctx = 100}) == 50);
  CHECK(room_for_prompt({.n_ctx = 1}) == 1);
}

}  // namespace
}  // namespace samovar::api
