#include "api/grammar_cache.h"

#include <iterator>
#include <utility>

#include <fmt/format.h>

namespace samovar::api {
namespace {

constexpr size_t kEntryBytes = 512;  // of lists, tables and counters around a grammar, about

}  // namespace

std::optional<grammar::Grammar> GrammarCache::find(std::string_view source) {
  MutexLock lock(mutex_);
  const auto found = index_.find(source);
  if (found == index_.end()) return std::nullopt;
  entries_.splice(entries_.begin(), entries_, found->second);
  return found->second->grammar;
}

void GrammarCache::insert(std::string source, const grammar::Grammar& grammar) {
  const size_t n_bytes = source.size() + grammar.memory_bytes() + kEntryBytes;
  if (n_bytes > max_bytes_) return;
  Entries entry;  // made before anything is changed
  entry.push_back({std::move(source), grammar, n_bytes});
  MutexLock lock(mutex_);
  // Another thread may have compiled the same.
  if (!index_.emplace(entry.front().source, entry.begin()).second) return;
  entries_.splice(entries_.begin(), entry);
  n_bytes_ += n_bytes;
  while (n_bytes_ > max_bytes_) {
    n_bytes_ -= entries_.back().n_bytes;
    index_.erase(entries_.back().source);
    entries_.pop_back();
  }
}

size_t GrammarCache::memory_bytes() const {
  MutexLock lock(mutex_);
  return n_bytes_;
}

void add_to_source(std::string& source, std::string_view part) {
  fmt::format_to(std::back_inserter(source), "{}:", part.size());
  source += part;
}

}  // namespace samovar::api
