// KvCache: a pool of pages, each holding kPageTokens positions of keys and values for all layers.
//
// A sequence is a PageTable: page i holds positions i * kPageTokens onward. Pages are counted
// references, so that sequences can share a prefix. A position is written once, by the sequence
// that allocated or copied its page; others may read what stands before it. Thread: the engine
// thread only; forward() reads and writes page contents from the pool's workers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/arena.h"
#include "base/status.h"
#include "kernels/table.h"
#include "model/config.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

namespace samovar::model {

using kernels::kPageTokens;
using PageId = int32_t;

// Pages that hold n_tokens positions.
constexpr int64_t pages_for(int64_t n_tokens) {
  return (n_tokens + kPageTokens - 1) / kPageTokens;
}

// Pages of one sequence, first positions first. Owned by whoever holds it; give the pages back with
// KvCache::release.
using PageTable = std::vector<PageId>;

class KvCache {
 public:
  // OWNS n_pages pages charged to `ledger` as kKvCache; memory is touched only when written.
  static Result<KvCache> create(const ModelConfig& config, kernels::KvType type, int64_t n_pages,
                                Ledger& ledger);

  kernels::KvType type() const { return type_; }
  int64_t n_pages() const { return n_pages_; }
  int64_t n_free_pages() const { return static_cast<int64_t>(free_.size()); }
  uint64_t page_bytes() const { return page_bytes_; }

  std::optional<PageId> allocate();  // reference count 1; nothing when the pool is empty
  void retain(PageId page);
  void release(PageId page);
  int32_t references(PageId page) const { return references_[static_cast<size_t>(page)]; }
  // A private copy of the first n_tokens of `page` (copy-on-write of a shared tail).
  std::optional<PageId> copy(PageId page, int64_t n_tokens);

  // B of one element, and of one head of one token's value.
  size_t element_bytes() const { return element_bytes_; }
  size_t value_token_bytes() const { return value_token_bytes_; }
  // Start of the block of one layer and kv head: keys transposed, [d_head_k, kPageTokens]; values
  // [kPageTokens, d_head_v].
  std::byte* keys(PageId page, int64_t layer, int64_t head_kv) const;
  std::byte* values(PageId page, int64_t layer, int64_t head_kv) const;

 private:
  kernels::KvType type_ = kernels::KvType::kF16;
  int64_t n_pages_ = 0, n_layer_ = 0, n_head_kv_ = 0;
  uint64_t page_bytes_ = 0, layer_bytes_ = 0;  // B of a page, and of one layer in it
  uint64_t element_bytes_ = 0;
  uint64_t key_token_bytes_ = 0, value_token_bytes_ = 0;  // B of one head of one token
  Buffer memory_;
  std::vector<int32_t> references_;  // [n_pages]
  std::vector<PageId> free_;
};

}  // namespace samovar::model
