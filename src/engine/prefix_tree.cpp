#include "engine/prefix_tree.h"

#include "base/check.h"

#include <algorithm>

namespace samovar::engine {
namespace {

size_t common_tokens(std::span<const int32_t> a, std::span<const int32_t> b) {
  return static_cast<size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first -
                             a.begin());
}

std::span<const int32_t> page_of(std::span<const int32_t> tokens, size_t page) {
  constexpr auto kTokens = static_cast<size_t>(model::kPageTokens);
  const size_t begin = std::min(tokens.size(), page * kTokens);
  return tokens.subspan(begin, std::min(kTokens, tokens.size() - begin));
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
    const size_t common = common_tokens(child->tokens, tokens);
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
  for (size_t i = 0; !page_of(tokens, i).empty(); ++i) {
    const std::span<const int32_t> slice = page_of(tokens, i);
    Node* child = child_with(*node, slice);
    if (child == nullptr) break;
    node = child;
    const size_t common = common_tokens(child->tokens, slice);
    if (!is_full(slice.first(common))) {
      match.tail = child->page;
      match.n_tail = static_cast<int64_t>(common);
      break;
    }
    match.pages.push_back(child->page);
  }
  touch(*node);
  return match;
}

void PrefixTree::insert(uint64_t tenant, std::span<const int32_t> tokens,
                        std::span<const model::PageId> pages) {
  if (tokens.empty()) return;
  Node* node = &roots_.try_emplace(tenant).first->second;
  node->tenant = tenant;
  for (size_t i = 0; !page_of(tokens, i).empty(); ++i) {
    const std::span<const int32_t> slice = page_of(tokens, i);
    Node* child = child_with(*node, slice);
    const size_t common = child == nullptr ? 0 : common_tokens(child->tokens, slice);
    if (child == nullptr || common < std::min(child->tokens.size(), slice.size())) {
      child = &add_child(*node, slice, pages[i]);
    } else if (common < slice.size()) {
      extend(*child, slice, pages[i]);
    }
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
  const auto next = nodes_.erase(leaf.self);
  if (parent.parent == nullptr && parent.children.empty()) {
    const uint64_t tenant = parent.tenant;
    roots_.erase(tenant);
  }
  return next;
}

bool PrefixTree::make_room(int64_t n_pages) {
  auto next = nodes_.end();
  while (kv_.n_free_pages() < n_pages && next != nodes_.begin()) {
    Node& node = *std::prev(next);
    // A page that a slot holds would stay in use, and so would those before it.
    if (node.children.empty() && kv_.references(node.page) == 1) {
      next = erase(node);
    } else {
      --next;
    }
  }
  return kv_.n_free_pages() >= n_pages;
}

void PrefixTree::clear() {
  while (!nodes_.empty()) erase(nodes_.back());
}

}  // namespace samovar::engine
