// TokenTrie: the texts of a vocabulary, arranged so that common beginnings are looked at once.
//
// Made once for a vocabulary and shared by all requests. Knows bytes and numbers, not tokenizers.
// Thread: immutable, shared freely.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace samovar::grammar {

using TokenId = uint32_t;

enum class TokenRole : uint8_t {
  kText,     // stands for its bytes
  kEnd,      // ends an answer: allowed where the grammar can end
  kControl,  // never allowed, as is a token without bytes
};

struct TokenText {
  std::string_view bytes;  // need not be whole characters
  TokenRole role = TokenRole::kText;
};

class TokenTrie {
 public:
  // Longer tokens are never allowed: shorter ones can always say the same.
  static constexpr size_t kMaxTokenBytes = 512;

  struct Node {
    uint32_t end;    // behind the last node below this one
    TokenId token;   // whose text ends here; no_token() for none
    uint16_t depth;  // bytes from the root, which is node 0
    uint8_t byte;    // the last of them
  };

  // `vocabulary`: [n_vocab], by id. Views it only while building. REQUIRES: n_vocab < 2^31.
  explicit TokenTrie(std::span<const TokenText> vocabulary);

  size_t n_vocab() const { return n_vocab_; }
  size_t n_words() const { return (n_vocab_ + 31) / 32; }  // of a mask
  // In the order of a walk, parents first.
  std::span<const Node> nodes() const { return nodes_; }
  // A bit in the word behind a mask: a walk sets it and needs no branch.
  TokenId no_token() const { return static_cast<TokenId>(n_words() * 32); }
  // Tokens with the text of another, which is the one in nodes().
  struct Twin {
    TokenId token, other;
  };
  std::span<const Twin> twins() const { return twins_; }
  std::span<const TokenId> end_tokens() const { return end_tokens_; }
  size_t max_depth() const { return max_depth_; }
  size_t memory_bytes() const;

 private:
  size_t n_vocab_;
  size_t max_depth_ = 0;
  std::vector<Node> nodes_;
  std::vector<Twin> twins_;
  std::vector<TokenId> end_tokens_;
};

}  // namespace samovar::grammar
