#include "model/kv_cache.h"

#include "base/check.h"
#include "base/checked.h"

#include <cstring>

#include <fmt/format.h>

namespace samovar::model {
namespace {

uint64_t bytes_of(kernels::KvType type) {
  return type == kernels::KvType::kF32 ? 4 : 2;
}

}  // namespace

Result<KvCache> KvCache::create(const ModelConfig& config, kernels::KvType type, int64_t n_pages,
                                Ledger& ledger) {
  KvCache cache;
  cache.type_ = type;
  cache.n_pages_ = n_pages;
  cache.n_layer_ = config.n_layer;
  cache.n_head_kv_ = config.n_head_kv;
  cache.element_bytes_ = bytes_of(type);
  cache.key_token_bytes_ = static_cast<uint64_t>(config.d_head_k) * cache.element_bytes_;
  cache.value_token_bytes_ = static_cast<uint64_t>(config.d_head_v) * cache.element_bytes_;
  cache.layer_bytes_ = static_cast<uint64_t>(config.n_head_kv * kPageTokens) *
                       (cache.key_token_bytes_ + cache.value_token_bytes_);
  cache.page_bytes_ = cache.layer_bytes_ * static_cast<uint64_t>(config.n_layer);
  if (n_pages < 1 || n_pages > INT32_MAX) {
    return invalid_argument(fmt::format("a KV cache of {} pages", n_pages));
  }
  const auto total = checked_mul(cache.page_bytes_, static_cast<uint64_t>(n_pages));
  if (!total) {
    return resource_exhausted(fmt::format("{} KV pages of {} bytes are more than can be addressed",
                                          n_pages, cache.page_bytes_));
  }
  SAMOVAR_ASSIGN(cache.memory_, Buffer::allocate(ledger, MemoryUse::kKvCache, *total));
  cache.references_.assign(static_cast<size_t>(n_pages), 0);
  cache.free_.reserve(static_cast<size_t>(n_pages));
  for (int64_t page = n_pages - 1; page >= 0; --page)
    cache.free_.push_back(static_cast<PageId>(page));
  return cache;
}

std::optional<PageId> KvCache::allocate() {
  if (free_.empty()) return std::nullopt;
  const PageId page = free_.back();
  free_.pop_back();
  references_[static_cast<size_t>(page)] = 1;
  return page;
}

void KvCache::retain(PageId page) {
  int32_t& count = references_[static_cast<size_t>(page)];
  SAMOVAR_CHECK(count > 0);
  ++count;
}

void KvCache::release(PageId page) {
  int32_t& count = references_[static_cast<size_t>(page)];
  SAMOVAR_CHECK(count > 0);
  if (--count == 0) free_.push_back(page);
}

std::optional<PageId> KvCache::copy(PageId page, int64_t n_tokens) {
  SAMOVAR_CHECK(n_tokens >= 0 && n_tokens <= kPageTokens && references(page) > 0);
  const std::optional<PageId> twin = allocate();
  if (!twin) return std::nullopt;
  const size_t key_bytes = static_cast<size_t>(kPageTokens) * key_token_bytes_;  // transposed
  const size_t value_bytes = static_cast<size_t>(n_tokens) * value_token_bytes_;
  for (int64_t l = 0; l < n_layer_; ++l) {
    for (int64_t h = 0; h < n_head_kv_; ++h) {
      std::memcpy(keys(*twin, l, h), keys(page, l, h), key_bytes);
      std::memcpy(values(*twin, l, h), values(page, l, h), value_bytes);
    }
  }
  return twin;
}

// A page: for each layer the keys of all heads, then the values of all heads.
std::byte* KvCache::keys(PageId page, int64_t layer, int64_t head_kv) const {
  return memory_.data() + static_cast<uint64_t>(page) * page_bytes_ +
         static_cast<uint64_t>(layer) * layer_bytes_ +
         static_cast<uint64_t>(head_kv * kPageTokens) * key_token_bytes_;
}

std::byte* KvCache::values(PageId page, int64_t layer, int64_t head_kv) const {
  return keys(page, layer, n_head_kv_) +
         static_cast<uint64_t>(head_kv * kPageTokens) * value_token_bytes_;
}

}  // namespace samovar::model
