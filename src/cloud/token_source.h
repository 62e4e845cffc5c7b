// TokenSource: where IAM tokens come from.
//
// Sources: a service account's key file, an OAuth token, the metadata service of the machine that
// this runs on, or a fixed token. Must not know who uses them, or when they are too old (that is
// cloud/credentials.h). Thread: one at a time. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/secret.h"
#include "base/status.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace samovar::cloud {

inline constexpr std::string_view kIamUrl = "https://iam.api.cloud.yandex.net";
inline constexpr std::string_view kMetadataUrl = "http://169.254.169.254";

struct IamToken {
  Secret value;         // "t1...."
  int64_t life_us = 0;  // from now on, whatever this machine's clock shows; 0: nobody knows
};

class TokenSource {
 public:
  virtual ~TokenSource() = default;
  // Blocks for up to some ten seconds. kBusy: may go by itself; others: somebody must do something.
  virtual Result<IamToken> fetch() = 0;
  // What stands before the token in Authorization.
  virtual std::string_view scheme() const { return "Bearer"; }
  // Whether fetch() can bring another token than the last one.
  virtual bool renews() const { return true; }
  // True once what fetch() reads is another than when it was read: the key file was replaced.
  virtual bool changed() const { return false; }
};

struct IamOptions {
  std::string url{kIamUrl};
  std::string ca_file;  // PEM, instead of the default authorities
};

// `path`: key.json, read anew for every token. BORROWS the clock.
std::unique_ptr<TokenSource> key_file_source(std::string path, IamOptions options,
                                             const Clock& clock);
std::unique_ptr<TokenSource> oauth_source(Secret oauth_token, IamOptions options,
                                          const Clock& clock);
// Asked directly, whatever proxy the environment names.
std::unique_ptr<TokenSource> metadata_source(std::string url);
// `scheme`: "Bearer" or "Api-Key".
std::unique_ptr<TokenSource> fixed_source(std::string scheme, Secret token);

}  // namespace samovar::cloud
