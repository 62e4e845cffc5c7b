// PrefixTree: the KV pages of finished work, found again by their tokens.
//
// A node is one page and the tokens it holds; only full pages have children, so the path from a
// root is a sequence. Tokens are compared, not hashes: no other prompt can be mistaken for one that
// is held. Each tenant has a root of its own: nobody learns from an answer's speed what others
// asked. Pages are shared by reference count; the tree gives back what only it holds, least
// recently used first. Pages of layers with a window come and go for themselves: a beginning is of
// use as far as those of its last window are held. Thread: the engine thread only.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/kv_cache.h"

#include <cstdint>
#include <list>
#include <map>
#include <span>
#include <vector>

namespace samovar::engine {

class PrefixTree {
 public:
  explicit PrefixTree(model::KvCache& kv) : kv_(kv) {}  // BORROWS
  ~PrefixTree() { clear(); }
  PrefixTree(const PrefixTree&) = delete;
  PrefixTree& operator=(const PrefixTree&) = delete;

  struct Match {
    model::PageTable pages;               // full pages from the beginning on
    model::PageTable windowed;            // of them; kNoPage where nobody looks back
    model::PageId tail = model::kNoPage;  // begins with the next n_tail tokens
    model::PageId windowed_tail = model::kNoPage;
    int64_t n_tail = 0;
    int64_t n_known = 0;  // tokens in the tree, be their windows held or not
    int64_t n_tokens() const {
      return static_cast<int64_t>(pages.size()) * model::kPageTokens + n_tail;
    }
  };
  // The longest beginning of `tokens` that is held for `tenant`; it counts as used now. The pages
  // stay the tree's: retain() what must outlive the next make_room().
  Match find(uint64_t tenant, std::span<const int32_t> tokens);

  // Holds `pages`, which hold `tokens`, for `tenant`, and those of `windowed` that are there: as
  // many, or none at all where the cache has no such pool. The last page may be partly filled, and
  // its owner may go on writing behind the tokens named here. On std::bad_alloc some beginning is
  // held.
  void insert(uint64_t tenant, std::span<const int32_t> tokens,
              std::span<const model::PageId> pages, std::span<const model::PageId> windowed = {});

  // Gives pages back until `n_pages` are free in the cache. False, and none given back, when too
  // many are in use.
  bool make_room(int64_t n_pages);
  // Gives windows back until a page of theirs is free. False when all are in use.
  bool make_windowed_room();
  void clear();

  // Tokens that are held, each shared beginning once.
  int64_t n_tokens() const { return n_tokens_; }

 private:
  struct Node;
  using Nodes = std::list<Node>;
  struct Node {
    Node* parent = nullptr;  // null: a tenant's root, which has no page
    model::PageId page = model::kNoPage;
    model::PageId windowed = model::kNoPage;  // of the same tokens, while it is held
    std::list<Node*>::iterator in_windows;    // where windowed is in windows_
    std::vector<int32_t> tokens;              // 1 to kPageTokens
    std::vector<Node*> children;
    Nodes::iterator self;
    uint64_t tenant = 0;
    bool is_held = false;  // scratch of n_idle(), which make_room() reads
  };
  static Node* child_with(const Node& node, std::span<const int32_t> tokens);
  int64_t n_idle();
  int64_t n_usable(std::span<Node* const> path, int64_t n_known) const;
  Node& add_child(Node& parent, std::span<const int32_t> tokens, model::PageId page);
  void extend(Node& node, std::span<const int32_t> tokens, model::PageId page);
  void hold_window(Node& node, model::PageId windowed);
  void drop_window(Node& node);
  void touch_window(Node& node);
  void touch(Node& node);
  Nodes::iterator erase(Node& leaf);

  model::KvCache& kv_;
  std::map<uint64_t, Node> roots_;
  // Most recently used first; a node stands before its children, so that the last one has none.
  Nodes nodes_;
  std::list<Node*> windows_;  // nodes that hold one, the most recently used first
  int64_t n_tokens_ = 0;
};

}  // namespace samovar::engine
