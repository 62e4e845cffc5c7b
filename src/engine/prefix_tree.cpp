#include "engine/prefix_tree.h"

#include "base/check.h"
#include "base/common_prefix.h"

#include <algorithm>

namespace samovar::engine {
namespace {

std::span<const int32_t> page_of(std::span<const int32_t> tokens, size_t page) {
  constexpr auto kTokens = static_cast<size_t>(model::kPageTokens);
  const size_t begin = std::min(tokens.size(), page * kTokens);
  return tokens.subspan(begin, std::min(kTokens, tokens.size() - begin));
}

// What the token at `position` sees first.
int64_t first_key(int64_t position, int64_t window) {
  return std::max<int64_t>(0, position + 1 - window);
}

bool is_full(std::span<const int32_t> tokens) {
  return tokens.size() == static_cast<size_t>(model::kPageTokens);
}

}  // namespace

// The child that shares the longest beginning with `tokens`; null when none shares a token.
PrefixTree::Node* PrefixTree::child_with(const Node& node, std::span<const int32_t> tokens) {
  Node* best = nullptr;
  size_t best_common = 0;
  for (Node* child : node.children) {
    const size_t common = common_prefix(child->tokens, tokens);
    if (common > best_common) {
      best = child;
      best_common = common;
    }
  }
  return best;
}

PrefixTree::Match PrefixTree::find(uint64_t tenant, std::span<const int32_t> tokens) {
  Match match;
  const auto root = roots_.find(tenant);
  if (root == roots_.end()) return match;
  Node* node = &root->second;
  std::vector<Node*> path;
  for (size_t i = 0; !page_of(tokens, i).empty(); ++i) {
    const std::span<const int32_t> slice = page_of(tokens, i);
    Node* child = child_with(*node, slice);
    if (child == nullptr) break;
    node = child;
    path.push_back(child);
    const size_t common = common_prefix(child->tokens, slice);
    match.n_known += static_cast<int64_t>(common);
    if (!is_full(slice.first(common))) break;
  }
  touch(*node);
  const int64_t n = n_usable(path, match.n_known);
  const int64_t first_seen = first_key(n, kv_.window()) / model::kPageTokens;
  for (int64_t i = 0; i < model::pages_for(n); ++i) {
    Node& at = *path[static_cast<size_t>(i)];
    const bool seen = kv_.window() > 0 && i >= first_seen;
    if (seen) touch_window(at);
    const model::PageId windowed = seen ? at.windowed : model::kNoPage;
    const int64_t n_here = n - i * model::kPageTokens;
    if (n_here < model::kPageTokens) {
      match.tail = at.page;
      match.windowed_tail = windowed;
      match.n_tail = n_here;
    } else {
      match.pages.push_back(at.page);
      match.windowed.push_back(windowed);
    }
  }
  return match;
}

// The most of the first n_known tokens of a path that another token can stand behind: all that it
// looks back at is held.
int64_t PrefixTree::n_usable(std::span<Node* const> path, int64_t n_known) const {
  const int64_t window = kv_.window();
  if (window == 0) return n_known;
  int64_t best = 0, run = 0;  // windows are held from that token on
  for (size_t i = 0; i < path.size(); ++i) {
    const int64_t end = static_cast<int64_t>(i + 1) * model::kPageTokens;
    if (path[i]->windowed == model::kNoPage) {
      run = end;
    } else if (const int64_t n = std::min(end, n_known); first_key(n, window) >= run) {
      best = n;
    }
  }
  return best;
}

void PrefixTree::insert(uint64_t tenant, std::span<const int32_t> tokens,
                        std::span<const model::PageId> pages,
                        std::span<const model::PageId> windowed) {
  if (tokens.empty()) return;
  Node* node = &roots_.try_emplace(tenant).first->second;
  node->tenant = tenant;
  for (size_t i = 0; !page_of(tokens, i).empty(); ++i) {
    const std::span<const int32_t> slice = page_of(tokens, i);
    Node* child = child_with(*node, slice);
    const size_t common = child == nullptr ? 0 : common_prefix(child->tokens, slice);
    if (child == nullptr || common < std::min(child->tokens.size(), slice.size())) {
      child = &add_child(*node, slice, pages[i]);
    } else if (common < slice.size()) {
      extend(*child, slice, pages[i]);
    }
    const bool whole = slice.size() == child->tokens.size();
    if (whole && i < windowed.size()) hold_window(*child, windowed[i]);
    node = child;
  }
  touch(*node);
}

PrefixTree::Node& PrefixTree::add_child(Node& parent, std::span<const int32_t> tokens,
                                        model::PageId page) {
  parent.children.reserve(parent.children.size() + 1);  // all memory first
  std::vector<int32_t> own_tokens;
  own_tokens.reserve(static_cast<size_t>(model::kPageTokens));
  own_tokens.assign(tokens.begin(), tokens.end());
  const bool below_root = parent.parent == nullptr;
  const auto self = nodes_.emplace(below_root ? nodes_.begin() : std::next(parent.self));
  Node& node = *self;
  node.self = self;
  node.tokens = std::move(own_tokens);
  node.parent = &parent;
  node.page = page;
  parent.children.push_back(&node);
  kv_.retain(page);
  n_tokens_ += static_cast<int64_t>(tokens.size());
  return node;
}

// A partly filled page has got more tokens, in place or in another page.
void PrefixTree::extend(Node& node, std::span<const int32_t> tokens, model::PageId page) {
  SAMOVAR_CHECK(node.children.empty());
  n_tokens_ += static_cast<int64_t>(tokens.size() - node.tokens.size());
  node.tokens.assign(tokens.begin(), tokens.end());  // inside its capacity
  kv_.retain(page);
  kv_.release(node.page);
  node.page = page;
  drop_window(node);
}

// The window of a node's tokens, unless there is one.
void PrefixTree::hold_window(Node& node, model::PageId windowed) {
  if (windowed == model::kNoPage) return;
  if (node.windowed != model::kNoPage) return touch_window(node);
  node.in_windows = windows_.insert(windows_.begin(), &node);
  node.windowed = windowed;
  kv_.retain(windowed);
}

void PrefixTree::drop_window(Node& node) {
  if (node.windowed == model::kNoPage) return;
  windows_.erase(node.in_windows);
  kv_.release(node.windowed);
  node.windowed = model::kNoPage;
}

void PrefixTree::touch_window(Node& node) {
  windows_.splice(windows_.begin(), windows_, node.in_windows);
}

// Parents last, so that they come to stand first.
void PrefixTree::touch(Node& node) {
  for (Node* at = &node; at->parent != nullptr; at = at->parent) {
    nodes_.splice(nodes_.begin(), nodes_, at->self);
  }
}

PrefixTree::Nodes::iterator PrefixTree::erase(Node& leaf) {
  SAMOVAR_CHECK(leaf.children.empty());
  Node& parent = *leaf.parent;
  std::erase(parent.children, &leaf);
  n_tokens_ -= static_cast<int64_t>(leaf.tokens.size());
  kv_.release(leaf.page);
  drop_window(leaf);
  const auto next = nodes_.erase(leaf.self);
  if (parent.parent == nullptr && parent.children.empty()) {
    const uint64_t tenant = parent.tenant;
    roots_.erase(tenant);
  }
  return next;
}

// Nodes that can go: neither they nor what stands behind them is in use.
int64_t PrefixTree::n_idle() {
  int64_t n = 0;
  for (Node& node : nodes_) node.is_held = false;
  for (auto node = nodes_.rbegin(); node != nodes_.rend(); ++node) {  // children first
    node->is_held = node->is_held || kv_.references(node->page) > 1;
    if (node->is_held) node->parent->is_held = true;
    n += node->is_held ? 0 : 1;
  }
  return n;
}

bool PrefixTree::make_room(int64_t n_pages) {
  const int64_t n_missing = n_pages - kv_.n_free_pages();
  if (n_missing <= 0) return true;
  if (n_idle() < n_missing) return false;
  for (auto next = nodes_.end(); kv_.n_free_pages() < n_pages;) {
    --next;
    // A page that a slot holds would stay in use, and so would those before it.
    if (!next->is_held) next = erase(*next);
  }
  return true;
}

bool PrefixTree::make_windowed_room() {
  auto next = windows_.end();
  while (kv_.n_free_pages(model::PagePool::kWindowed) == 0 && next != windows_.begin()) {
    Node& node = **--next;
    if (kv_.references(node.windowed) > 1) continue;  // a slot's: it would stay in use
    next = std::next(next);
    drop_window(node);
  }
  return kv_.n_free_pages(model::PagePool::kWindowed) > 0;
}

void PrefixTree::clear() {
  while (!nodes_.empty()) erase(nodes_.back());
}

}  // namespace samovar::engine
