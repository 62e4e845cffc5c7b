// KvCache: a pool of pages, each holding kPageTokens positions of keys and values for all layers.
//
// A sequence is a PageTable: page i holds positions i * kPageTokens onward. Pages are counted
// references, so that sequences can share a prefix. A position is written once, by the sequence
// that allocated or copied its page; others may read what stands before it. Layers with a sliding
// window may have pages of their own, so that those behind the window can go. Thread: the engine
// thread only; forward() reads and writes page contents from the pool's workers.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/arena.h"
#include "base/status.h"
#include "kernels/table.h"
#include "model/config.h"

#include <array>
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

inline constexpr PageId kNoPage = -1;

// Pages of one sequence, first positions first. Owned by whoever holds it; give the pages back with
// KvCache::release. kNoPage stands where nobody looks any more.
using PageTable = std::vector<PageId>;

enum class PagePool : uint8_t {
  kMain,      // all layers, or those without a window
  kWindowed,  // layers with a window; empty where the cache does not part them
};

// B of one kv head of one token.
struct KvSizes {
  static KvSizes of(kernels::KvType type, const ModelConfig& config);
  uint64_t token_bytes() const { return key + value + key_scales + value_scales; }

  uint64_t key = 0, value = 0;  // elements, filled up to what the kernels read at once
  uint64_t key_scales = 0, value_scales = 0;
};

// B of the keys and values of one token over all layers, and over those with a window.
uint64_t kv_bytes_per_token(const ModelConfig& config, kernels::KvType type);
uint64_t windowed_kv_bytes_per_token(const ModelConfig& config, kernels::KvType type);

class KvCache {
 public:
  // OWNS n_pages pages charged to `ledger` as kKvCache; memory is touched only when written.
  // n_windowed > 0 parts layers with a window from the others: they get that many pages.
  static Result<KvCache> create(const ModelConfig& config, kernels::KvType type, int64_t n_pages,
                                Ledger& ledger, int64_t n_windowed = 0);

  kernels::KvType type() const { return type_; }
  int64_t n_pages() const { return n_pages_; }
  int64_t n_free_pages(PagePool pool = PagePool::kMain) const {
    return static_cast<int64_t>(this->pool(pool).free.size());
  }
  uint64_t page_bytes(PagePool pool = PagePool::kMain) const { return this->pool(pool).page_bytes; }
  // Positions that the layers of kWindowed look back at; 0: there is no such pool.
  int64_t window() const { return window_; }
  PagePool pool_of_layer(int64_t layer) const { return places_[static_cast<size_t>(layer)].pool; }

  // Reference count 1; nothing when the pool is empty.
  std::optional<PageId> allocate(PagePool pool = PagePool::kMain);
  void retain(PageId page);
  void release(PageId page);
  int32_t references(PageId page) const { return references_[static_cast<size_t>(page)]; }
  // A private copy of the first n_tokens of `page` (copy-on-write of a shared tail).
  std::optional<PageId> copy(PageId page, int64_t n_tokens);

  // Gives the memory of all free pages back to the system; using them takes it again.
  void discard_free_pages();

  // The keys and values of one layer and kv head in a page of the layer's pool.
  kernels::KvBlock block(PageId page, int64_t layer, int64_t head_kv) const;

 private:
  struct LayerPlace {
    PagePool pool = PagePool::kMain;
    int64_t index = 0;  // of the layer among those of its pool
  };
  struct Pool {
    int64_t n_layer = 0;
    uint64_t page_bytes = 0;
    uint64_t offset = 0;    // B of memory_ before its pages
    PageId first_page = 0;  // number of its first page
    std::vector<PageId> free;
  };
  Pool& pool(PagePool pool) { return pools_[static_cast<size_t>(pool)]; }
  const Pool& pool(PagePool pool) const { return pools_[static_cast<size_t>(pool)]; }
  PagePool pool_of(PageId page) const {
    return page < n_pages_ ? PagePool::kMain : PagePool::kWindowed;
  }
  // B of memory_ before a page.
  uint64_t offset_of(PageId page) const {
    const Pool& owner = pool(pool_of(page));
    return owner.offset + static_cast<uint64_t>(page - owner.first_page) * owner.page_bytes;
  }
  void place_layers(const ModelConfig& config);
  void number_pages(PagePool which, int64_t n_pages);

  kernels::KvType type_ = kernels::KvType::kI16;
  KvSizes sizes_;
  int64_t d_head_k_ = 0, d_head_v_ = 0;
  int64_t n_pages_ = 0, n_head_kv_ = 0, window_ = 0;
  uint64_t layer_bytes_ = 0;  // B of one layer in a page
  Buffer memory_;
  std::vector<LayerPlace> places_;   // [n_layer]
  std::array<Pool, 2> pools_;        // by PagePool; pages of kWindowed have the higher numbers
  std::vector<int32_t> references_;  // [pages of all pools]
};

}  // namespace samovar::model
