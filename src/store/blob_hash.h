// The SHA-256 of files that are here, and what is known of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "store/archive_reader.h"
#include "store/digest.h"
#include "store/meter.h"

#include <optional>
#include <string>

namespace samovar::store {

// Gives the bytes of `path` to `sink`, piece by piece.
Status read_pieces(const std::string& path, const ByteSink& sink);
// Reports to `meter` as it goes, in the phase that was begun; kCancelled when that says stop.
Result<Digest> hash_file(const std::string& path, Meter& meter);
// A blob's name, where that is its hash.
std::optional<Digest> digest_in_name(const std::string& blob_path);

}  // namespace samovar::store
