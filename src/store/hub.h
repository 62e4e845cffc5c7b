// Hub: what a Hugging Face repository holds, asked over its HTTP interface.
//
// The token goes to the endpoint only; the client drops it when a redirect leads elsewhere.
// THREAD: one at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.h"
#include "base/status.h"
#include "net/http_client.h"
#include "store/digest.h"
#include "store/options.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::store {

struct HubFile {
  std::string commit;  // the revision's commit id
  std::string key;     // the blob's name: SHA-256 of large files, else the ETag
  std::optional<Digest> sha256;
  std::optional<uint64_t> size_bytes;
  std::string url;  // of this commit's bytes
};

class Hub {
 public:
  // Waits before a request is made again; an error ends the waiting, and the request.
  using Pause = std::function<Status(int64_t ms)>;

  // A hub that is overloaded or asks to come back later is asked again, by RetryRule. BORROWS
  // `cancel`, which ends a request on its way; may be null.
  explicit Hub(const StoreOptions& options, Pause pause = sleep,
               const std::atomic<bool>* cancel = nullptr);

  // Asks once for what comes twice in a row.
  Result<HubFile> lookup(const std::string& repo, const std::string& revision,
                         const std::string& file);
  // The names of the repository's .gguf files.
  Result<std::vector<std::string>> list_gguf(const std::string& repo, const std::string& revision);
  const Secret& authorization() const { return authorization_; }

 private:
  static Status sleep(int64_t ms);
  Result<net::ClientResponse> ask(net::Method method, const std::string& url);
  Result<net::ClientResponse> ask_once(net::Method method, std::string url,
                                       int64_t& asked_pause_ms);

  net::HttpClient client_;  // shows redirects instead of following them
  std::string endpoint_;
  Secret authorization_;
  Pause pause_;
  const std::atomic<bool>* cancel_;
  std::optional<std::pair<std::string, HubFile>> last_;  // what was found at which address
};

// The file that a repository named "X/Y-GGUF" has by custom, "y.Q4_K_M.gguf"; empty for other
// names.
std::string customary_file(std::string_view repo);
// Is it what "" means?
bool is_default_quant(std::string_view quant);
// All parts of the split file that `file` belongs to, in order; `file` alone if it is whole.
std::vector<std::string> parts_of(const std::string& file);
// Which of `files` make up the model that `quant` means ("" is Q4_K_M, else the only one there is;
// of several the customary one): one file, or all parts of a split one in order. kNotFound lists
// what there is.
Result<std::vector<std::string>> choose_files(const std::vector<std::string>& files,
                                              std::string_view quant, std::string_view repo);

}  // namespace samovar::store
