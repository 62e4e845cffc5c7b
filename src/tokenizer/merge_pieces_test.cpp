#include "tokenizer/merge_pieces.h"

#include "base/rng.h"

#include <doctest/doctest.h>

namespace samovar::tokenizer {
namespace {

TEST_CASE("Scanning and the queue merge any word into the same pieces") {
  Rng rng(1);
  for (int round = 0; round < 300; ++round) {
    // Tokens 0 to 11; two of them join by a random table with many equal priorities.
    Join table[12][12];
    for (auto& row : table) {
      for (Join& join : row) {
        if (rng.next_below(3) == 0) continue;
        join = {static_cast<uint32_t>(rng.next_below(5)), static_cast<Token>(rng.next_below(12))};
      }
    }
    const auto join = [&](const Piece& left, const Piece& right) {
      return table[left.token][right.token];
    };
    std::vector<Piece> scanned;
    for (uint32_t i = 0; i < static_cast<uint32_t>(round % 120); ++i) {
      scanned.push_back({i, 1, static_cast<Token>(rng.next_below(12))});
    }
    std::vector<Piece> queued = scanned;
    std::vector<Join> scratch;
    merge_by_scan(scanned, join, scratch);
    merge_by_queue(queued, join);
    REQUIRE(scanned.size() == queued.size());
    for (size_t i = 0; i < scanned.size(); ++i) {
      REQUIRE(scanned[i].begin == queued[i].begin);
      REQUIRE(scanned[i].size == queued[i].size);
      REQUIRE(scanned[i].token == queued[i].token);
    }
  }
}

}  // namespace
}  // namespace samovar::tokenizer
