// Leftovers: what nobody needs in the cache: parts of pulls that were given up, blobs that no
// snapshot leads to, links that lead nowhere.
//
// What somebody is at work on, by the locks of the hub's own programs, is none. Only models are
// looked at, whoever brought them. Thread: plain functions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "store/options.h"

#include <cstdint>
#include <string>
#include <vector>

namespace samovar::store {

enum class LeftoverKind : uint8_t {
  kPartial,   // of a pull
  kBlob,      // that no snapshot leads to
  kDeadLink,  // of a snapshot, to nowhere
  kScrap,     // of a file that was being replaced, or a wheel on its way
};
const char* kind_text(LeftoverKind kind);

struct Leftover {
  LeftoverKind kind;
  std::string path;
  uint64_t size_bytes = 0;
};

// In the cache and in the state folder, by path.
std::vector<Leftover> find_leftovers(const StoreOptions& options);
// Finds them and removes them, each under its lock, then empty folders. RETURNS what was removed.
Result<std::vector<Leftover>> remove_leftovers(const StoreOptions& options);

}  // namespace samovar::store
