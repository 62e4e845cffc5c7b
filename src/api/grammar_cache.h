// GrammarCache: the grammars that were compiled last, by what they were made from.
//
// A client sends its schema or its tools with every request; compiling them may take a second.
// Grammars that are the same one share their token masks, too (grammar/token_masks.h). Compared are
// whole texts, not hashes of them. Thread: any.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/sync.h"
#include "grammar/grammar.h"

#include <cstddef>
#include <list>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

namespace samovar::api {

class GrammarCache {
 public:
  explicit GrammarCache(size_t max_bytes = size_t{4} << 20) : max_bytes_(max_bytes) {}

  std::optional<grammar::Grammar> find(std::string_view source);
  // Drops those not used for longest; what is larger than the whole cache is not kept.
  void insert(std::string source, const grammar::Grammar& grammar);
  size_t memory_bytes() const;

 private:
  struct Entry {
    std::string source;
    grammar::Grammar grammar;
    size_t n_bytes;
  };
  using Entries = std::list<Entry>;

  const size_t max_bytes_;
  mutable Mutex mutex_;
  size_t n_bytes_ SAMOVAR_TSA(guarded_by(mutex_)) = 0;
  Entries entries_ SAMOVAR_TSA(guarded_by(mutex_));  // the last used first
  std::unordered_map<std::string_view, Entries::iterator> index_
      SAMOVAR_TSA(guarded_by(mutex_));  // by Entry::source
};

// The parts of a source, one after the other, so that none can be taken for the next one's
// beginning.
void add_to_source(std::string& source, std::string_view part);

}  // namespace samovar::api
