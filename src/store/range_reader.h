// RangeReader: parts of a file on the web, by HTTP ranges.
//
// Internal to store/. THREAD: one; blocks.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.h"
#include "base/status.h"
#include "net/http_client.h"

#include <cstdint>
#include <string>

namespace samovar::store {

class RangeReader {
 public:
  RangeReader(const net::ClientOptions& options, std::string url, Secret authorization)
      : url_(std::move(url)), authorization_(std::move(authorization)), client_(options) {}

  // Up to n_bytes from `begin` on, fewer at the file's end. kUnsupported where the server would
  // send the whole file; nothing of it is taken then.
  Result<std::string> read(uint64_t begin, uint64_t n_bytes);
  uint64_t size_bytes() const { return size_bytes_; }        // of the file; 0 before the first read
  uint64_t fetched_bytes() const { return fetched_bytes_; }  // by all reads

 private:
  const std::string url_;
  const Secret authorization_;
  net::HttpClient client_;
  uint64_t size_bytes_ = 0, fetched_bytes_ = 0;
};

}  // namespace samovar::store
