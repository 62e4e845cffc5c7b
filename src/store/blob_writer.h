// BlobWriter: one file on its way into the cache, hashed as it grows, resumed where it stopped.
//
// What arrived survives errors and kills as KEY.incomplete, with notes beside it; all of that is
// removed when it turns out wrong. THREAD: one. REQUIRES: the caller holds the key's lock.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "store/digest.h"
#include "store/meter.h"
#include "sys/file.h"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

namespace samovar::store {

struct Expected {
  std::optional<Digest> sha256;
  std::optional<uint64_t> size_bytes;
};

// kResourceExhausted, with what to do, unless the disk of `path` has room for so much and a spare.
Status need_disk(const std::string& path, uint64_t n_bytes);

class BlobWriter {
 public:
  // Takes up what an earlier pull left at `partial_path`. BORROWS `meter`.
  static Result<BlobWriter> open(std::string partial_path, std::string final_path,
                                 const Expected& expected, Meter& meter);

  const Expected& expected() const { return expected_; }
  const std::string& partial_path() const { return partial_path_; }
  // The note that says of which bytes on the server the partial file is a part.
  std::string etag_path() const { return partial_path_ + ".etag"; }
  Meter& meter() { return *meter_; }
  uint64_t size_bytes() const { return file_.size_bytes(); }

  // Keeps the first `n_bytes` and hashes them anew; 0 also forgets what expect_size() learned.
  // REQUIRES: n_bytes <= size_bytes(). Must be called before the first append().
  Status keep(uint64_t n_bytes);
  // kTooLarge beyond the expected size, kResourceExhausted on a full disk.
  Status append(std::span<const std::byte> bytes);
  // Learns the size while the bytes arrive; kCorrupt if another was expected. Checks the disk.
  Status expect_size(uint64_t size_bytes);
  // Checks size and hash, then gives the file its final name. RETURNS the hash of the bytes.
  Result<Digest> commit();
  // What arrived is of no use: removes it. But for size_bytes() and this, nothing may be called
  // afterwards.
  void discard();

 private:
  BlobWriter(sys::AtomicFile file, Expected expected, Meter& meter)
      : file_(std::move(file)),
        expected_(std::move(expected)),
        given_size_bytes_(expected_.size_bytes),
        meter_(&meter) {}
  Status check_space() const;
  Status hash_file();
  void remove_notes() const;

  sys::AtomicFile file_;
  Expected expected_;
  std::optional<uint64_t> given_size_bytes_;
  Meter* meter_;
  Sha256 hasher_;
  std::string partial_path_;
};

}  // namespace samovar::store
