#include "model/kv_cache.h"

#include "base/check.h"
#include "base/checked.h"

#include <cstring>

#include <fmt/format.h>

namespace samovar::model {

namespace {

uint64_t groups(uint64_t d) {
  constexpr auto kGroup = static_cast<uint64_t>(kernels::kKvGroup);
  return (d + kGroup - 1) / kGroup;
}

}  // namespace

KvSizes KvSizes::of(kernels::KvType type, const ModelConfig& config) {
  const auto d_k = static_cast<uint64_t>(config.d_head_k);
  const auto d_v = static_cast<uint64_t>(config.d_head_v);
  switch (type) {
    case kernels::KvType::kF32:
      return {.key = 4 * d_k, .value = 4 * d_v};
    case kernels::KvType::kF16:
      return {.key = 2 * d_k, .value = 2 * d_v};
    case kernels::KvType::kI16:
      return {.key = (d_k + 1) / 2 * 4,
              .value = (d_v + 15) / 16 * 32,
              .key_scales = sizeof(float),
              .value_scales = sizeof(float)};
    case kernels::KvType::kQ8_0:
      return {.key = (d_k + 1) / 2 * 2,
              .value = (d_v + 15) / 16 * 16,
              .key_scales = groups(d_k) * sizeof(uint16_t),
              .value_scales = groups(d_v) * sizeof(uint16_t)};
  }
  SAMOVAR_CHECK(false && "KvType out of range");
}

uint64_t kv_bytes_per_token(const ModelConfig& config, kernels::KvType type) {
  return static_cast<uint64_t>(config.n_layer * config.n_head_kv) *
         KvSizes::of(type, config).token_bytes();
}

uint64_t windowed_kv_bytes_per_token(const ModelConfig& config, kernels::KvType type) {
  return static_cast<uint64_t>(config.n_windowed_layers() * config.n_head_kv) *
         KvSizes::of(type, config).token_bytes();
}

Result<KvCache> KvCache::create(const ModelConfig& config, kernels::KvType type, int64_t n_pages,
                                Ledger& ledger, int64_t n_windowed) {
  KvCache cache;
  cache.type_ = type;
  cache.n_pages_ = n_pages;
  cache.n_head_kv_ = config.n_head_kv;
  cache.sizes_ = KvSizes::of(type, config);
  cache.d_head_k_ = config.d_head_k;
  cache.d_head_v_ = config.d_head_v;
  cache.layer_bytes_ =
      static_cast<uint64_t>(config.n_head_kv * kPageTokens) * cache.sizes_.token_bytes();
  if (n_windowed > 0) cache.window_ = config.largest_window();
  cache.place_layers(config);
  constexpr int64_t kMost = INT32_MAX / 2;
  if (n_pages < 1 || n_pages > kMost || n_windowed < 0 || n_windowed > kMost) {
    return invalid_argument(
        fmt::format("a KV cache of {} pages and {} of a window", n_pages, n_windowed));
  }
  Pool& windowed = cache.pool(PagePool::kWindowed);
  const auto main = checked_mul(cache.page_bytes(), static_cast<uint64_t>(n_pages));
  const auto rest = checked_mul(windowed.page_bytes, static_cast<uint64_t>(n_windowed));
  const auto total = main && rest ? checked_add(*main, *rest) : std::nullopt;
  if (!total) {
    return resource_exhausted(fmt::format("{} KV pages of {} bytes are more than can be addressed",
                                          n_pages, cache.page_bytes()));
  }
  SAMOVAR_ASSIGN(cache.memory_, Buffer::allocate(ledger, MemoryUse::kKvCache, *total));
  windowed.offset = *main;
  windowed.first_page = static_cast<PageId>(n_pages);
  cache.number_pages(PagePool::kMain, n_pages);
  cache.number_pages(PagePool::kWindowed, cache.window_ > 0 ? n_windowed : 0);
  return cache;
}

void KvCache::place_layers(const ModelConfig& config) {
  for (size_t l = 0; l < static_cast<size_t>(config.n_layer); ++l) {
    const bool windowed = window_ > 0 && config.window[l] > 0;
    const PagePool which = windowed ? PagePool::kWindowed : PagePool::kMain;
    places_.push_back({which, pool(which).n_layer++});
  }
  for (Pool& each : pools_) each.page_bytes = layer_bytes_ * static_cast<uint64_t>(each.n_layer);
}

void KvCache::number_pages(PagePool which, int64_t n_pages) {
  Pool& owner = pool(which);
  references_.resize(references_.size() + static_cast<size_t>(n_pages), 0);
  owner.free.reserve(static_cast<size_t>(n_pages));
  for (int64_t i = n_pages - 1; i >= 0; --i) {
    owner.free.push_back(owner.first_page + static_cast<PageId>(i));
  }
}

std::optional<PageId> KvCache::allocate(PagePool which) {
  std::vector<PageId>& free = pool(which).free;
  if (free.empty()) return std::nullopt;
  const PageId page = free.back();
  free.pop_back();
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
  if (--count == 0) pool(pool_of(page)).free.push_back(page);
}

std::optional<PageId> KvCache::copy(PageId page, int64_t n_tokens) {
  SAMOVAR_CHECK(n_tokens >= 0 && n_tokens <= kPageTokens && references(page) > 0);
  const std::optional<PageId> twin = allocate(pool_of(page));
  if (!twin) return std::nullopt;
  // Keys are transposed, values of codes stand in pairs: keys and scales go over whole.
  constexpr auto kTokens = static_cast<uint64_t>(kPageTokens);
  const uint64_t value_bytes = static_cast<uint64_t>((n_tokens + 1) / 2 * 2) * sizes_.value;
  for (size_t i = 0; i < places_.size(); ++i) {
    if (places_[i].pool != pool_of(page)) continue;
    const auto l = static_cast<int64_t>(i);
    for (int64_t h = 0; h < n_head_kv_; ++h) {
      const kernels::KvBlock to = block(*twin, l, h);
      const kernels::KvBlock from = block(page, l, h);
      std::memcpy(to.keys, from.keys, kTokens * sizes_.key);
      std::memcpy(to.values, from.values, value_bytes);
      std::memcpy(to.key_scales, from.key_scales, kTokens * sizes_.key_scales);
      std::memcpy(to.value_scales, from.value_scales, kTokens * sizes_.value_scales);
    }
  }
  return twin;
}

void KvCache::discard_free_pages() {
  for (const Pool& each : pools_) {
    for (const PageId page : each.free) memory_.discard(offset_of(page), each.page_bytes);
  }
}

// A page: for each layer and kv head its keys, values, scales of keys, scales of values.
kernels::KvBlock KvCache::block(PageId page, int64_t layer, int64_t head_kv) const {
  constexpr auto kTokens = static_cast<uint64_t>(kPageTokens);
  const LayerPlace& place = places_[static_cast<size_t>(layer)];
  std::byte* keys = memory_.data() + offset_of(page) +
                    static_cast<uint64_t>(place.index) * layer_bytes_ +
                    static_cast<uint64_t>(head_kv) * kTokens * sizes_.token_bytes();
  std::byte* values = keys + kTokens * sizes_.key;
  std::byte* scales = values + kTokens * sizes_.value;
  return {.type = type_,
          .d_k = d_head_k_,
          .d_v = d_head_v_,
          .keys = keys,
          .values = values,
          .key_scales = scales,
          .value_scales = scales + kTokens * sizes_.key_scales};
}

}  // namespace samovar::model
