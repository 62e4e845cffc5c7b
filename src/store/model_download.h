// A model from one address. Bytes that nobody told the hash of may be none: a login page has a 200,
// too.
//
// Internal to store/. THREAD: the writer's. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.h"
#include "base/status.h"
#include "net/http_client.h"
#include "store/blob_writer.h"

#include <string>

namespace samovar::store {

// download(); without a hash to expect, kCorrupt, and what came is removed, unless it has keys and
// a tensor table whose tensors all lie inside.
Status download_model(net::HttpClient& client, const std::string& url, const Secret& authorization,
                      BlobWriter& writer);

}  // namespace samovar::store
