// CloudFlags: who one is to the cloud, and where it is: what all commands for it share.
//
// Secrets come from files and the environment, never from the command line.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/status.h"
#include "cli/environment.h"
#include "cli/flags.h"
#include "cloud/credentials.h"
#include "cloud/node_target.h"

#include <memory>
#include <string>

namespace samovar::cli {

class CloudFlags {
 public:
  void declare(Flags& flags);
  // --node, --alias, --node-api.
  void declare_target(Flags& flags);
  void declare_node_api(Flags& flags);

  // --key FILE, --metadata, else YC_TOKEN or YC_API_KEY. kInvalidArgument when there is none.
  Result<std::unique_ptr<cloud::Credentials>> credentials(const Environment& environment) const;
  Result<cloud::NodeTarget> target() const;
  bool names_target() const { return !node_.empty() || !alias_.empty(); }
  const std::string& folder() const { return folder_; }
  const std::string& key_file() const { return key_file_; }
  const std::string& ca_file() const { return ca_file_; }
  const std::string& iam_url() const { return iam_url_; }
  const std::string& node_api() const { return node_api_; }

 private:
  Result<std::unique_ptr<cloud::TokenSource>> source(const Environment& environment) const;

  std::string key_file_, folder_, ca_file_, node_, alias_;
  bool metadata_ = false;
  std::string iam_url_{cloud::kIamUrl};
  std::string metadata_url_{cloud::kMetadataUrl};
  std::string node_api_{cloud::kNodeApiUrl};
};

}  // namespace samovar::cli
