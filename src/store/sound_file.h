// Whether bytes that nobody told the hash of are a model at all: a login page has a 200, too.
//
// Internal to store/. THREAD: the writer's. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "store/blob_writer.h"

#include <string>

namespace samovar::store {

// Reads keys and tensor table of what arrived from `url`; kCorrupt, and it is removed, unless all
// tensors lie inside.
Status check_is_gguf(BlobWriter& writer, const std::string& url);

}  // namespace samovar::store
