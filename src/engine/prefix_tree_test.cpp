#include "engine/prefix_tree.h"

#include "engine/test_model.h"

#include <numeric>
#include <vector>

#include <doctest/doctest.h>

namespace samovar::engine {
namespace {

constexpr auto kTokens = static_cast<size_t>(model::kPageTokens);

std::vector<int32_t> tokens_from(int32_t first, size_t n) {
  std::vector<int32_t> tokens(n);
  std::iota(tokens.begin(), tokens.end(), first);
  return tokens;
}

struct Bench {
  explicit Bench(int64_t n_pages)
      : kv(*model::KvCache::create(test_model()->model().config(), kernels::KvType::kF32, n_pages,
                                   ledger)),
        tree(kv) {}

  // What a request does: takes pages, fills them, tells the tree, lets go.
  model::PageTable keep(uint64_t tenant, const std::vector<int32_t>& tokens) {
    model::PageTable pages;
    for (size_t n = 0; n < tokens.size(); n += kTokens) pages.push_back(*kv.allocate());
    tree.insert(tenant, tokens, pages);
    for (const model::PageId page : pages) kv.release(page);
    return pages;
  }

  Ledger ledger;
  model::KvCache kv;
  PrefixTree tree;
};

TEST_CASE("the longest held beginning is found, by whole pages and a tail") {
  Bench bench(8);
  const auto tokens = tokens_from(0, 2 * kTokens + 10);
  const auto pages = bench.keep(0, tokens);
  CHECK(bench.kv.n_free_pages() == 5);
  CHECK(bench.tree.n_tokens() == static_cast<int64_t>(tokens.size()));

  auto match = bench.tree.find(0, tokens);
  CHECK(match.pages == model::PageTable{pages[0], pages[1]});
  CHECK(match.tail == pages[2]);
  CHECK(match.n_tokens() == static_cast<int64_t>(tokens.size()));

  auto other = tokens;
  other[kTokens + 5] = -7;
  match = bench.tree.find(0, other);
  CHECK(match.pages == model::PageTable{pages[0]});
  CHECK(match.tail == pages[1]);
  CHECK(match.n_tail == 5);

  match = bench.tree.find(0, std::span(tokens).first(kTokens));
  CHECK(match.pages.size() == 1);
  CHECK(match.tail == -1);
  CHECK(bench.tree.find(0, std::vector<int32_t>{-1}).n_tokens() == 0);
}

TEST_CASE("a tenant finds only its own") {
  Bench bench(4);
  bench.keep(1, tokens_from(0, 10));
  CHECK(bench.tree.find(2, tokens_from(0, 10)).n_tokens() == 0);
  CHECK(bench.tree.find(1, tokens_from(0, 10)).n_tokens() == 10);
}

TEST_CASE("a shared beginning is held once, a partly filled page grows") {
  Bench bench(8);
  bench.keep(0, tokens_from(0, kTokens + 3));
  bench.keep(0, tokens_from(0, kTokens + 9));
  CHECK(bench.kv.n_free_pages() == 6);
  CHECK(bench.tree.n_tokens() == static_cast<int64_t>(kTokens) + 9);
  bench.keep(0, tokens_from(0, kTokens + 4));  // nothing new
  CHECK(bench.tree.n_tokens() == static_cast<int64_t>(kTokens) + 9);
  auto branch = tokens_from(0, kTokens + 9);
  branch.back() = -1;
  bench.keep(0, branch);
  CHECK(bench.kv.n_free_pages() == 5);
  CHECK(bench.tree.find(0, branch).n_tokens() == static_cast<int64_t>(branch.size()));
}

TEST_CASE("room is made from the least recently used, ends first, never from what is in use") {
  Bench bench(6);
  const auto first = tokens_from(0, 2 * kTokens), second = tokens_from(1000, 2 * kTokens),
             third = tokens_from(2000, 2 * kTokens);
  bench.keep(0, first);
  bench.keep(0, second);
  const auto used = bench.keep(0, third);
  CHECK(bench.kv.n_free_pages() == 0);
  bench.tree.find(0, first);
  CHECK(bench.tree.make_room(1));
  CHECK(bench.tree.find(0, second).n_tokens() == static_cast<int64_t>(kTokens));
  for (const model::PageId page : used) bench.kv.retain(page);
  CHECK(bench.tree.make_room(4));
  CHECK(bench.tree.find(0, first).n_tokens() == 0);
  CHECK(bench.tree.find(0, third).n_tokens() == static_cast<int64_t>(third.size()));
  CHECK_FALSE(bench.tree.make_room(5));
  bench.keep(0, first);
  CHECK_FALSE(bench.tree.make_room(5));  // and nothing is lost for that
  CHECK(bench.tree.find(0, first).n_tokens() == static_cast<int64_t>(first.size()));
  for (const model::PageId page : used) bench.kv.release(page);
  CHECK(bench.tree.make_room(6));
  CHECK(bench.tree.n_tokens() == 0);
}

TEST_CASE("a beginning is of use as far as its last window is held") {
  constexpr model::PagePool kWindowed = model::PagePool::kWindowed;
  constexpr model::PageId kNone = model::kNoPage;
  Ledger ledger;
  const auto gemma = test_model("gemma3");  // windows of 16 tokens
  model::KvCache kv =
      *model::KvCache::create(gemma->model().config(), kernels::KvType::kI16, 8, ledger, 3);
  PrefixTree tree(kv);
  const auto tokens = tokens_from(0, 4 * kTokens);
  model::PageTable pages, windowed(4, kNone);
  for (size_t i = 0; i < 4; ++i) pages.push_back(*kv.allocate());
  windowed[1] = *kv.allocate(kWindowed);
  windowed[3] = *kv.allocate(kWindowed);
  tree.insert(0, tokens, pages, windowed);
  for (const size_t i : {size_t{1}, size_t{3}}) kv.release(windowed[i]);

  // Token 200 looks back at 185, which the third page has.
  auto match = tree.find(0, std::span(tokens).first(200));
  CHECK(match.n_known == 200);
  CHECK(match.n_tokens() == 128);
  CHECK(match.windowed == model::PageTable{kNone, windowed[1]});
  match = tree.find(0, std::span(tokens).first(220));
  CHECK(match.n_tokens() == 220);
  CHECK(match.windowed == model::PageTable(3, kNone));
  CHECK(match.windowed_tail == windowed[3]);

  CHECK(tree.make_windowed_room());
  const model::PageId taken = *kv.allocate(kWindowed);
  CHECK(tree.make_windowed_room());  // the one used least recently goes
  CHECK(tree.find(0, std::span(tokens).first(200)).n_tokens() == 0);
  CHECK(tree.find(0, std::span(tokens).first(220)).n_tokens() == 220);
  kv.retain(windowed[3]);  // a slot's
  const model::PageId other = *kv.allocate(kWindowed);
  CHECK_FALSE(tree.make_windowed_room());
  for (const model::PageId page : {taken, other, windowed[3]}) kv.release(page);
  for (const model::PageId page : pages) kv.release(page);
  CHECK(tree.make_room(8));
  CHECK(kv.n_free_pages(kWindowed) == 3);
}

}  // namespace
}  // namespace samovar::engine
