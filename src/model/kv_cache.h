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

// B of one kv head of one token.
struct KvSizes {
  static KvSizes of(kernels::KvType type, const ModelConfig& config);
  uint64_t token_bytes() const { return key + value + 2 * scale; }

  uint64_t key = 0, value = 0;  // elements, filled up to what the kernels read at once
  uint64_t scale = 0;           // one for the key, one for the value
};

// B of the keys and values of one token over all layers.
uint64_t kv_bytes_per_token(const ModelConfig& config, kernels::KvType type);

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

  // The keys and values of one layer and kv head in a page.
  kernels::KvBlock block(PageId page, int64_t layer, int64_t head_kv) const;

 private:
  kernels::KvType type_ = kernels::KvType::kI16;
  KvSizes sizes_;
  int64_t d_head_k_ = 0, d_head_v_ = 0;
  int64_t n_pages_ = 0, n_layer_ = 0, n_head_kv_ = 0;
  uint64_t page_bytes_ = 0, layer_bytes_ = 0;  // B of a page, and of one layer in it
  Buffer memory_;
  std::vector<int32_t> references_;  // [n_pages]
  std::vector<PageId> free_;
};

}  // namespace samovar::model
