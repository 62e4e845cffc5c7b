#include "grammar/token_trie.h"

#include "base/common_prefix.h"

#include <algorithm>

namespace samovar::grammar {

TokenTrie::TokenTrie(std::span<const TokenText> vocabulary) : n_vocab_(vocabulary.size()) {
  std::vector<TokenId> sorted;
  for (TokenId id = 0; id < vocabulary.size(); ++id) {
    const TokenText& text = vocabulary[id];
    if (text.role == TokenRole::kEnd) end_tokens_.push_back(id);
    const bool is_usable = !text.bytes.empty() && text.bytes.size() <= kMaxTokenBytes;
    if (text.role == TokenRole::kText && is_usable) sorted.push_back(id);
  }
  std::sort(sorted.begin(), sorted.end(), [&](TokenId a, TokenId b) {
    const int order = vocabulary[a].bytes.compare(vocabulary[b].bytes);
    return order != 0 ? order < 0 : a < b;
  });
  nodes_.push_back({0, no_token(), 0, 0});
  std::vector<uint32_t> path{0};  // the nodes of the text before
  std::string_view before;
  for (const TokenId id : sorted) {
    const std::string_view text = vocabulary[id].bytes;
    const size_t n_common = common_prefix(before, text);
    const auto next = static_cast<uint32_t>(nodes_.size());
    for (; path.size() > n_common + 1; path.pop_back()) nodes_[path.back()].end = next;
    for (size_t at = n_common; at < text.size(); ++at) {
      path.push_back(static_cast<uint32_t>(nodes_.size()));
      nodes_.push_back(
          {0, no_token(), static_cast<uint16_t>(at + 1), static_cast<uint8_t>(text[at])});
    }
    TokenId& token = nodes_[path.back()].token;
    if (token == no_token()) {
      token = id;
    } else {
      twins_.push_back({id, token});
    }
    max_depth_ = std::max(max_depth_, text.size());
    before = text;
  }
  for (const uint32_t node : path) nodes_[node].end = static_cast<uint32_t>(nodes_.size());
  nodes_.shrink_to_fit();
}

size_t TokenTrie::memory_bytes() const {
  return nodes_.capacity() * sizeof(Node) + twins_.capacity() * sizeof(Twin) +
         end_tokens_.capacity() * sizeof(TokenId);
}

}  // namespace samovar::grammar
