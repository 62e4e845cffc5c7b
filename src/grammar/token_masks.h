// TokenMasks: which tokens of a vocabulary a matcher allows next.
//
// What a state allows is found by walking the vocabulary's trie and the grammar side by side, and
// kept: whole masks by configuration, and parts by the rule that is on top of the stack, so that
// "inside a string" is computed once however deep the string lies. docs/decisions/0006 says why.
// Knows neither logits nor requests. Thread: one; the trie and grammars may be shared.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "grammar/matcher.h"
#include "grammar/token_trie.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

namespace samovar::grammar {

struct MaskOptions {
  size_t max_bytes = size_t{16} << 20;  // of all that is kept
  uint64_t max_work = 16'000'000;       // of one mask, in steps of a few ns
};

struct MaskStats {
  uint64_t n_found = 0;     // masks answered from the cache
  uint64_t n_computed = 0;  // the others
  uint64_t n_parts = 0;     // walks through the whole vocabulary
  size_t memory_bytes = 0;
};

class TokenMasks {
 public:
  explicit TokenMasks(std::shared_ptr<const TokenTrie> trie, const MaskOptions& options = {});
  TokenMasks(TokenMasks&&) noexcept;
  TokenMasks& operator=(TokenMasks&&) noexcept;
  ~TokenMasks();

  // [trie.n_words()]: bit t % 32 of word t / 32 is set when the matcher would accept token t.
  // Tokens that end an answer are allowed where the matcher can end. All zero for a dead matcher.
  // Valid until the next call. kResourceExhausted for a grammar so ambiguous that it costs over
  // max_work.
  Result<std::span<const uint32_t>> allowed(const Matcher& matcher);

  MaskStats stats() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace samovar::grammar
