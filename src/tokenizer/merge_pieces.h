// Merging: joins neighbouring pieces of a word, most urgent first, leftmost among equals, until no
// two neighbours join. What joins, and how urgently, is the caller's: BPE ranks or SPM scores.
//
// Short words (nearly all) are scanned; long ones use MergeQueue. Both give the same pieces.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "tokenizer/join.h"
#include "tokenizer/merge_queue.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace samovar::tokenizer {

// Where scanning (quadratic) stops paying: about equal from 32 to 96 pieces on a Zen 3.
inline constexpr size_t kScannedPieces = 48;

// `join(left, right)` gives the Join of two neighbours. `scratch` is reused from word to word.
template <class JoinPieces>
void merge_by_scan(std::vector<Piece>& pieces, const JoinPieces& join, std::vector<Join>& scratch) {
  std::vector<Join>& joins = scratch;  // [i]: pieces[i] with pieces[i + 1]
  joins.clear();
  for (size_t i = 0; i + 1 < pieces.size(); ++i) joins.push_back(join(pieces[i], pieces[i + 1]));
  while (!joins.empty()) {
    const auto best = std::ranges::min_element(joins, {}, &Join::priority);
    if (!best->exists()) return;
    const auto i = static_cast<size_t>(best - joins.begin());
    pieces[i].size += pieces[i + 1].size;
    pieces[i].token = best->result;
    pieces.erase(pieces.begin() + static_cast<ptrdiff_t>(i) + 1);
    joins.erase(best);
    if (i > 0) joins[i - 1] = join(pieces[i - 1], pieces[i]);
    if (i < joins.size()) joins[i] = join(pieces[i], pieces[i + 1]);
  }
}

template <class JoinPieces>
void merge_by_queue(std::vector<Piece>& pieces, const JoinPieces& join) {
  struct Link {
    uint32_t previous;
    uint32_t next;
    uint32_t priority = Join::kNever;  // of the join with the next piece
  };
  const auto n = static_cast<uint32_t>(pieces.size());
  std::vector<Link> links(n);  // of a piece that was merged away only its priority, kNever, counts
  MergeQueue queue(n);
  const auto consider = [&](uint32_t left) {
    Link& link = links[left];
    link.priority = link.next < n ? join(pieces[left], pieces[link.next]).priority : Join::kNever;
    if (link.priority != Join::kNever) queue.push({link.priority, left});
  };
  for (uint32_t i = 0; i < n; ++i) links[i] = {i - 1, i + 1};  // before 0: UINT32_MAX
  for (uint32_t i = 0; i < n; ++i) consider(i);
  while (const auto entry = queue.pop()) {
    const uint32_t left = entry->position;
    // An entry is out of date if its piece now joins otherwise, or is gone.
    if (links[left].priority != entry->priority) continue;
    const uint32_t right = links[left].next;
    pieces[left].token = join(pieces[left], pieces[right]).result;
    pieces[left].size += pieces[right].size;
    pieces[right].size = 0;
    links[right].priority = Join::kNever;
    links[left].next = links[right].next;
    if (links[left].next < n) links[links[left].next].previous = left;
    if (left > 0) consider(links[left].previous);
    consider(left);
  }
  std::erase_if(pieces, [](const Piece& piece) { return piece.size == 0; });
}

template <class JoinPieces>
void merge_pieces(std::vector<Piece>& pieces, const JoinPieces& join, std::vector<Join>& scratch) {
  if (pieces.size() <= kScannedPieces) {
    merge_by_scan(pieces, join, scratch);
  } else {
    merge_by_queue(pieces, join);
  }
}

}  // namespace samovar::tokenizer
