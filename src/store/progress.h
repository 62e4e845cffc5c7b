// Progress of a pull, as its callback sees it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace samovar::store {

enum class Phase {
  kLookup,    // asking the source what there is
  kWaiting,   // another process pulls the same model
  kDownload,  // bytes come in
  kVerify,    // hashing what an earlier pull left
  kCopy,      // into an archive, or out of one
  kDone,
  kSourceFailed,  // `note` says why; the next source is tried
};

struct Progress {
  Phase phase = Phase::kLookup;
  uint64_t bytes_done = 0;
  uint64_t bytes_total = 0;  // 0: unknown
  double bytes_per_s = 0;    // of the last seconds; 0: unknown yet
  std::string note;          // the source, the file, or an error
  uint64_t model_bytes = 0;  // of all files of the model; 0: unknown
};

// Called on the pulling thread, some ten times a second at most. Returning false stops the pull
// (kCancelled); what was fetched is kept for the next time.
using ProgressSink = std::function<bool(const Progress&)>;

}  // namespace samovar::store
