// ModelTable: the models that are loaded, who uses them, and which of them goes first.
//
// Knows neither threads nor files. Thread: none of its own; the registry locks it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/served_model.h"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::api {

constexpr int64_t kForever = -1;  // a time to keep a model that never ends

// A model that may be served: what the API calls it, and its file.
struct ModelSource {
  std::string id = {};
  std::string path = {};
  bool named = false;  // on the command line: stays when idle
};

struct LoadedModelEntry {
  ModelSource source = {};
  ServedPointer model = {};
  uint64_t reserved_bytes = 0;       // its share of the memory, as its plan has it
  int64_t keep_alive_us = kForever;  // how long it stays unused
  int64_t used_us = 0;               // monotonic: when it was loaded or given back last
  int64_t n_leases = 0;
  bool forgets = false;  // once nobody uses it: what its cache keeps for later requests
  bool leaving = false;  // nobody gets it any more; goes when the last lease is back

  // kCorrupt once a part of its file was found missing (LoadedModel::check_mapping()).
  Status check_file() const;
};

class ModelTable {
 public:
  using Pointer = std::shared_ptr<LoadedModelEntry>;

  Pointer find(std::string_view id) const;  // null: not loaded
  const std::vector<Pointer>& all() const { return entries_; }
  void add(Pointer entry) { entries_.push_back(std::move(entry)); }
  void remove(const Pointer& entry) { std::erase(entries_, entry); }

  uint64_t reserved_bytes() const;
  // The one that makes room for another: the least recently used of those that nobody uses, the
  // ones that stay for ever last. Null: all are in use.
  Pointer victim() const;
  // One that nobody uses and that is not named.
  Pointer spare() const;
  // One that nobody uses and that was told to leave, or that was idle for as long as it is kept.
  Pointer expired(int64_t now_us) const;
  // When the next one will be, if nobody uses it until then.
  std::optional<int64_t> next_expiry_us() const;

 private:
  std::vector<Pointer> entries_;
};

}  // namespace samovar::api
