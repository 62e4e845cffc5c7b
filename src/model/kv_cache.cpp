#include "model/kv_cache.h"

#include "base/check.h"
#include "base/checked.h"

#include <cstring>

#include <fmt/format.h>

namespace samovar::model {

KvSizes KvSizes::of(kernels::KvType type, const ModelConfig& config) {
  const auto d_k = static_cast<uint64_t>(config.d_head_k);
  const auto d_v = static_cast<uint64_t>(config.d_head_v);
  switch (type) {
    case kernels::KvType::kF32:
      return {.key = 4 * d_k, .value = 4 * d_v, .scale = 0};
    case kernels::KvType::kF16:
      return {.key = 2 * d_k, .value = 2 * d_v, .scale = 0};
    case kernels::KvType::kI16:
      return {.key = (d_k + 1) / 2 * 4, .value = (d_v + 15) / 16 * 32, .scale = sizeof(float)};
  }
  SAMOVAR_CHECK(false && "KvType out of range");
}

uint64_t kv_bytes_per_token(const ModelConfig& config, kernels::KvType type) {
  return static_cast<uint64_t>(config.n_layer * config.n_head_kv) *
         KvSizes::of(type, config).token_bytes();
}

Result<KvCache> KvCache::create(const ModelConfig& config, kernels::KvType type, int64_t n_pages,
                                Ledger& ledger) {
  KvCache cache;
  cache.type_ = type;
  cache.n_pages_ = n_pages;
  cache.n_layer_ = config.n_layer;
  cache.n_head_kv_ = config.n_head_kv;
  cache.sizes_ = KvSizes::of(type, config);
  cache.d_head_k_ = config.d_head_k;
  cache.d_head_v_ = config.d_head_v;
  cache.layer_bytes_ =
      static_cast<uint64_t>(config.n_head_kv * kPageTokens) * cache.sizes_.token_bytes();
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
  // Keys are transposed, values of kI16 stand in pairs: keys and scales go over whole.
  constexpr auto kTokens = static_cast<uint64_t>(kPageTokens);
  const uint64_t value_bytes = static_cast<uint64_t>((n_tokens + 1) / 2 * 2) * sizes_.value;
  for (int64_t l = 0; l < n_layer_; ++l) {
    for (int64_t h = 0; h < n_head_kv_; ++h) {
      const kernels::KvBlock to = block(*twin, l, h);
      const kernels::KvBlock from = block(page, l, h);
      std::memcpy(to.keys, from.keys, kTokens * sizes_.key);
      std::memcpy(to.values, from.values, value_bytes);
      std::memcpy(to.key_scales, from.key_scales, kTokens * sizes_.scale);
      std::memcpy(to.value_scales, from.value_scales, kTokens * sizes_.scale);
    }
  }
  return twin;
}

// A page: for each layer and kv head its keys, values, scales of keys, scales of values.
kernels::KvBlock KvCache::block(PageId page, int64_t layer, int64_t head_kv) const {
  constexpr auto kTokens = static_cast<uint64_t>(kPageTokens);
  std::byte* keys = memory_.data() + static_cast<uint64_t>(page) * page_bytes_ +
                    static_cast<uint64_t>(layer) * layer_bytes_ +
                    static_cast<uint64_t>(head_kv) * kTokens * sizes_.token_bytes();
  std::byte* values = keys + kTokens * sizes_.key;
  std::byte* scales = values + kTokens * sizes_.value;
  return {.type = type_,
          .d_k = d_head_k_,
          .d_v = d_head_v_,
          .keys = keys,
          .values = values,
          .key_scales = reinterpret_cast<float*>(scales),
          .value_scales = reinterpret_cast<float*>(scales + kTokens * sizes_.scale)};
}

}  // namespace samovar::model
