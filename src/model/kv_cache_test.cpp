#include "model/kv_cache.h"

#include <cstring>
#include <set>

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

TEST_CASE("pages come and go, and the pool says when it is empty") {
  Ledger ledger;
  KvCache kv = *KvCache::create(small_config(), kernels::KvType::kF16, 2, ledger);
  CHECK(kv.page_bytes() == small_config().kv_bytes_per_token(2) * kPageTokens);
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

TEST_CASE("the blocks of layers and heads tile a page without overlap") {
  Ledger ledger;
  const ModelConfig config = small_config();
  const KvCache kv = *KvCache::create(config, kernels::KvType::kF32, 3, ledger);
  std::set<std::byte*> starts;
  for (PageId page = 0; page < 3; ++page) {
    for (int64_t l = 0; l < config.n_layer; ++l) {
      for (int64_t h = 0; h < config.n_head_kv; ++h) {
        starts.insert(kv.keys(page, l, h));
        starts.insert(kv.values(page, l, h));
      }
    }
  }
  CHECK(starts.size() == size_t{3 * 2 * 2 * 2});
  const size_t smallest = 4 * 4 * static_cast<size_t>(kPageTokens);  // a block of values
  for (auto it = starts.begin(); std::next(it) != starts.end(); ++it) {
    CHECK(static_cast<size_t>(*std::next(it) - *it) >= smallest);
  }
  const std::byte* end = kv.keys(0, 0, 0) + 3 * kv.page_bytes();
  CHECK(*starts.rbegin() + smallest == end);
}

TEST_CASE("a copy holds the first tokens of its page") {
  Ledger ledger;
  KvCache kv = *KvCache::create(small_config(), kernels::KvType::kF16, 2, ledger);
  const PageId page = kv.allocate().value();
  std::memset(kv.keys(page, 0, 0), 7, kv.page_bytes());
  const PageId twin = kv.copy(page, 3).value();
  CHECK(kv.references(twin) == 1);
  CHECK(kv.keys(twin, 1, 1)[3 * kv.element_bytes() - 1] == std::byte{7});
  CHECK(kv.values(twin, 1, 0)[3 * kv.value_token_bytes() - 1] == std::byte{7});
  CHECK(kv.values(twin, 1, 0)[3 * kv.value_token_bytes()] == std::byte{0});
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
