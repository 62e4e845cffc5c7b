// Transfer: one file from one source into the cache, under its lock.
//
// The three sources differ only in how they fill the writer. THREAD: one; blocks.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "store/blob_writer.h"
#include "store/cache.h"
#include "store/meter.h"

#include <functional>
#include <string>

namespace samovar::store {

struct Target {
  std::string repo;      // "user/repo"
  std::string revision;  // name of the snapshot
  std::string file;      // in the snapshot
  std::string key;       // name of the blob: its SHA-256 where that is known
  Expected expected;
  std::string ref = "main";  // the branch or tag that leads to the revision; empty: none
  bool resumes = false;      // the next try goes on where a full disk ended this one
};

struct Arrived {
  std::string path;    // of the link in the snapshot
  std::string sha256;  // hex
  bool fetched;        // false: another pull had brought it by the time the lock was ours
};

// Puts all bytes from writer.size_bytes() on into the writer.
using Fill = std::function<Status(BlobWriter& writer)>;

// Waits for the target's lock, then fills, checks and publishes it, unless it is there by then.
// kResourceExhausted on a full disk, which has its space back unless the target resumes. Where not
// a byte has come, nothing is left.
Result<Arrived> transfer(const Cache& cache, const Target& target, Meter& meter, const Fill& fill);

}  // namespace samovar::store
