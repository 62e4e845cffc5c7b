#include "model/kv_cache.h"

#include <cstring>
#include <map>

#include <doctest/doctest.h>

namespace samovar::model {
namespace {

ModelConfig small_config() {
  ModelConfig config;
  config.n_layer = 2;
  config.n_head = 4;
  config.n_head_kv = 2;
  config.d_head_k = 8;
  config.d_head_v = 4;
  return config;
}

TEST_CASE("a token takes its elements, and in codes their scales") {
  using kernels::KvType;
  ModelConfig config = small_config();
  CHECK(kv_bytes_per_token(config, KvType::kF32) == 2 * 2 * (8 + 4) * 4);
  CHECK(kv_bytes_per_token(config, KvType::kF16) == 2 * 2 * (8 + 4) * 2);
  CHECK(kv_bytes_per_token(config, KvType::kI16) == 2 * 2 * (8 * 2 + 16 * 2 + 8));
  config.d_head_k = config.d_head_v = 128;
  CHECK(kv_bytes_per_token(config, KvType::kI16) == 2 * 2 * (256 * 2 + 8));
  CHECK(kv_bytes_per_token(config, KvType::kQ8_0) == 2 * 2 * 2 * 4 * 34);
  config.d_head_k = 33;
  CHECK(kv_bytes_per_token(config, KvType::kQ8_0) == 2 * 2 * (34 + 2 * 2 + 4 * 34));
}

TEST_CASE("pages come and go, and the pool says when it is empty") {
  Ledger ledger;
  KvCache kv = *KvCache::create(small_config(), kernels::KvType::kF16, 2, ledger);
  CHECK(kv.page_bytes() == kv_bytes_per_token(small_config(), kernels::KvType::kF16) * kPageTokens);
  CHECK(ledger.used_bytes(MemoryUse::kKvCache) == 2 * kv.page_bytes());
  const PageId a = kv.allocate().value();
  const PageId b = kv.allocate().value();
  CHECK(a != b);
  CHECK_FALSE(kv.allocate().has_value());
  CHECK_FALSE(kv.copy(a, 1).has_value());
  kv.retain(a);
  kv.release(a);
  CHECK(kv.n_free_pages() == 0);
  kv.release(a);
  CHECK(kv.n_free_pages() == 1);
  CHECK(kv.allocate() == a);
  kv.release(b);
}

TEST_CASE("layers with a window have pages of their own where some are asked for") {
  ModelConfig config = small_config();
  config.n_layer = 3;
  config.window = {16, 0, 16};
  constexpr auto kType = kernels::KvType::kI16;
  CHECK(windowed_kv_bytes_per_token(config, kType) * 3 == kv_bytes_per_token(config, kType) * 2);
  Ledger ledger;
  KvCache kv = *KvCache::create(config, kType, 3, ledger, 2);
  CHECK(kv.window() == 16);
  CHECK(kv.pool_of_layer(0) == PagePool::kWindowed);
  CHECK(kv.pool_of_layer(1) == PagePool::kMain);
  CHECK(kv.page_bytes(PagePool::kWindowed) == 2 * kv.page_bytes());
  CHECK(ledger.used_bytes(MemoryUse::kKvCache) == (3 + 2 * 2) * kv.page_bytes());
  const PageId main = kv.allocate().value();
  const PageId windowed = kv.allocate(PagePool::kWindowed).value();
  const PageId twin = kv.copy(windowed, 5).value();
  CHECK(kv.n_free_pages() == 2);
  CHECK_FALSE(kv.allocate(PagePool::kWindowed).has_value());
  // Three layers of pages in a row: one of the main pool, then two of each window.
  const auto at = [&](PageId page, int64_t layer) {
    return static_cast<std::byte*>(kv.block(page, layer, 0).keys);
  };
  const auto bytes = static_cast<ptrdiff_t>(kv.page_bytes());
  CHECK(at(windowed, 0) - at(main, 1) == 3 * bytes);
  CHECK(at(windowed, 2) - at(windowed, 0) == bytes);
  CHECK(at(twin, 0) - at(windowed, 0) == 2 * bytes);
  kv.release(windowed);
  CHECK(kv.n_free_pages(PagePool::kWindowed) == 1);
  CHECK(KvCache::create(config, kType, 3, ledger)->window() == 0);
}

TEST_CASE("the blocks of layers and heads tile a page without overlap") {
  const ModelConfig config = small_config();
  for (const auto type : {kernels::KvType::kF32, kernels::KvType::kF16, kernels::KvType::kI16,
                          kernels::KvType::kQ8_0}) {
    Ledger ledger;
    const KvCache kv = *KvCache::create(config, type, 3, ledger);
    const KvSizes sizes = KvSizes::of(type, config);
    std::map<const std::byte*, uint64_t> parts;  // start, B
    const auto add = [&](const void* start, uint64_t token_bytes) {
      if (token_bytes == 0) return;
      parts[static_cast<const std::byte*>(start)] = token_bytes * uint64_t{kPageTokens};
    };
    for (PageId page = 0; page < 3; ++page) {
      for (int64_t l = 0; l < config.n_layer; ++l) {
        for (int64_t h = 0; h < config.n_head_kv; ++h) {
          const kernels::KvBlock block = kv.block(page, l, h);
          add(block.keys, sizes.key);
          add(block.values, sizes.value);
          add(block.key_scales, sizes.key_scales);
          add(block.value_scales, sizes.value_scales);
        }
      }
    }
    const std::byte* end = parts.begin()->first;
    for (const auto& [start, n_bytes] : parts) {
      CHECK(start == end);
      CHECK(reinterpret_cast<uintptr_t>(start) % 64 == 0);
      end = start + n_bytes;
    }
    CHECK(static_cast<uint64_t>(end - parts.begin()->first) == 3 * kv.page_bytes());
  }
}

TEST_CASE("a copy holds the first tokens of its page") {
  Ledger ledger;
  KvCache kv = *KvCache::create(small_config(), kernels::KvType::kI16, 2, ledger);
  const PageId page = kv.allocate().value();
  std::memset(kv.block(page, 0, 0).keys, 7, kv.page_bytes());
  const PageId twin = kv.copy(page, 3).value();
  CHECK(kv.references(twin) == 1);
  const kernels::KvBlock block = kv.block(twin, 1, 1);
  CHECK(static_cast<const std::byte*>(block.keys)[2 * 8 * kPageTokens - 1] == std::byte{7});
  // Values stand in pairs of positions, 16 elements of 2 bytes each: two pairs are copied.
  CHECK(static_cast<const std::byte*>(block.values)[4 * 32 - 1] == std::byte{7});
  CHECK(static_cast<const std::byte*>(block.values)[4 * 32] == std::byte{0});
  CHECK(std::memcmp(block.key_scales, kv.block(page, 1, 1).key_scales, 4 * kPageTokens) == 0);
  CHECK(std::memcmp(block.value_scales, kv.block(page, 1, 1).value_scales, 4 * kPageTokens) == 0);
}

TEST_CASE("a pool that does not fit its budget is refused") {
  Ledger ledger(1000);
  const auto refused = KvCache::create(small_config(), kernels::KvType::kF16, 1, ledger);
  CHECK(refused.status().code() == Code::kResourceExhausted);
  CHECK(ledger.used_bytes() == 0);
  const auto none = KvCache::create(small_config(), kernels::KvType::kF16, 0, ledger);
  CHECK(none.status().code() == Code::kInvalidArgument);
}

}  // namespace
}  // namespace samovar::model
