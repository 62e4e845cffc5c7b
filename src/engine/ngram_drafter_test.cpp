#include "engine/ngram_drafter.h"

#include <vector>

#include <doctest/doctest.h>

namespace samovar::engine {
namespace {

NgramDrafter after(const std::vector<int32_t>& text) {
  NgramDrafter drafter(text.size() + 64);
  for (const int32_t token : text) drafter.accept(token);
  return drafter;
}

std::vector<int32_t> draft(const NgramDrafter& drafter, size_t max) {
  const auto tokens = drafter.draft(max);
  return {tokens.begin(), tokens.end()};
}

TEST_CASE("a draft is what followed the same three tokens last") {
  CHECK(draft(after({1, 2, 3, 4, 5, 1, 2, 3}), 1) == std::vector<int32_t>{4});
  CHECK(draft(after({1, 2, 3, 4, 1, 2, 3, 9, 8, 1, 2, 3}), 1) == std::vector<int32_t>{9});
  CHECK(draft(after({1, 2, 3, 4, 5, 7, 2, 3}), 4).empty());
  CHECK(draft(after({1, 2}), 4).empty());
}

TEST_CASE("drafts grow with luck and end without") {
  std::vector<int32_t> text;
  for (int i = 0; i < 120; ++i) text.push_back(i % 10);
  CHECK(draft(after(text), 8).size() == 8);
  CHECK(draft(after(text), 3).size() == 3);
  text.clear();
  for (int i = 0; i < 60; ++i) text.insert(text.end(), {1, 2, 3, 1000 + i});
  text.insert(text.end(), {1, 2, 3});
  CHECK(draft(after(text), 8).empty());
}

TEST_CASE("a draft ends where the text ends") {
  std::vector<int32_t> text(60, 7);
  const auto tokens = draft(after(text), 8);
  CHECK(tokens == std::vector<int32_t>{7});
}

}  // namespace
}  // namespace samovar::engine
