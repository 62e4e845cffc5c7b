// download(): the bytes of one URL into a BlobWriter, resumed and retried.
//
// Knows Range, If-Range, Content-Range, Retry-After; the HTTP client below knows redirects, proxies
// and TLS. THREAD: blocks the calling one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.h"
#include "base/status.h"
#include "net/http_client.h"
#include "store/blob_writer.h"
#include "store/options.h"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace samovar::store {

// How sources are asked, as the options say.
net::ClientOptions client_options(const StoreOptions& options);

struct RetryRule {
  int attempts = 6;                   // in a row without a new byte
  int64_t first_pause_ms = 500;       // doubled each time
  int64_t longest_pause_ms = 60'000;  // of Retry-After too: asked for more, the pull ends

  // Before another attempt after `failures` in a row; nothing: give up.
  std::optional<int64_t> pause_ms(int failures, int64_t asked_pause_ms) const;
};
// What the server asks for in an answer that came just now; 0: nothing.
int64_t retry_after_ms(const net::Response& response);

// Fills `writer` up to the end of the file; commit() is left to the caller. The server's ETag is
// kept in writer.etag_path(), so that a later resume takes only bytes of the same file.
Status download(net::HttpClient& client, const std::string& url, const Secret& authorization,
                BlobWriter& writer, const RetryRule& rule = {});

// "bytes 100-999/1000": where the part begins and how long the whole is.
struct ContentRange {
  uint64_t begin;
  std::optional<uint64_t> total;
};
std::optional<ContentRange> parse_content_range(std::string_view text);

// What a status that is no success means for a pull, in words that say what to do.
Status http_problem(int status, std::string_view url);

}  // namespace samovar::store
