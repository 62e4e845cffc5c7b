// RegistryClient: the parts of an image to a registry.
//
// Source: https://github.com/opencontainers/distribution-spec/blob/main/spec.md, "Push". The
// password goes to the registry itself or to its own token service, never where a redirect leads.
// Thread: one. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.h"
#include "base/status.h"
#include "cloud/image_name.h"
#include "net/http_client.h"
#include "store/digest.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace samovar::cloud {

// Who pushes; an empty user is nobody, as some registries allow.
struct RegistryUser {
  std::string name;  // "json_key", "iam", or what another registry wants
  Secret password;
};

struct RegistryOptions {
  std::string token_service;  // "https://auth.example.com": where the password may go, too
  std::string ca_file;
};

// A blob's bytes: the first `size_bytes` of a file, or a short text where there is none (-1).
struct BlobBytes {
  int fd = -1;
  uint64_t size_bytes = 0;
  std::string text = {};
};

class RegistryClient {
 public:
  // Blocks for so many milliseconds.
  using Sleep = std::function<void(int64_t ms)>;

  RegistryClient(const ImageName& image, RegistryUser user, const RegistryOptions& options,
                 Sleep sleep);

  // Whether this registry's passwords stay with it: kInvalidArgument when it would send them
  // elsewhere. Sends none.
  Status check();
  Result<bool> has_blob(const store::Digest& digest);
  // `digest` is the hash of the bytes. What is busy is tried again.
  Status put_blob(const store::Digest& digest, const BlobBytes& bytes);
  // Under the image's tag.
  Status put_manifest(std::string_view media_type, const std::string& manifest);

 private:
  Result<net::ClientResponse> ask(net::ClientRequest request);
  Status authorize(const net::Headers& refusal);
  Result<Secret> fetch_token(const std::string& realm, const std::string& service);
  Status upload(const store::Digest& digest, const BlobBytes& bytes);
  Status judge(const net::ClientResponse& answer, std::string_view what) const;
  std::string url(std::string_view path) const;

  const ImageName image_;
  const std::string base_;  // "https://cr.yandex"
  const RegistryUser user_;
  const std::string token_service_;
  const Sleep sleep_;
  net::HttpClient client_;
  Secret authorization_;  // the header's value; empty: none yet
};

}  // namespace samovar::cloud
