// Models as one tar file, for machines without a network.
//
// The members lie as in the hub's cache, so `tar x` in it unpacks them too:
//
//   SHA256SUMS                                         as sha256sum writes them; first
//   models--USER--REPO/snapshots/REVISION/FILE         -> ../../blobs/KEY
//   models--USER--REPO/refs/REF                        REVISION
//   models--USER--REPO/blobs/KEY                       the bytes; last
//
// THREAD: plain functions; they block.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "store/archive_reader.h"
#include "store/cache.h"
#include "store/meter.h"

#include <string>
#include <vector>

namespace samovar::store {

// Writes `files` to `sink`; bytes that are not what a blob's name says end it with kCorrupt.
// The branches and tags that lead to their snapshots go with them.
Status write_models(const Cache& cache, const std::vector<CachedFile>& files, Meter& meter,
                    const ByteSink& sink);
// Brings an archive ("-": of standard input) into the cache, every hash checked before a model
// appears. RETURNS the models' paths, those that had been there included.
Result<std::vector<std::string>> read_models(const Cache& cache, const std::string& path,
                                             Meter& meter);

}  // namespace samovar::store
