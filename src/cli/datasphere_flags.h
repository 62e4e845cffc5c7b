// DatasphereFlags: what the commands of `samovar datasphere` share.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/cloud_flags.h"
#include "cloud/deployment.h"
#include "cloud/deployment_record.h"
#include "cloud/rest_client.h"

#include <memory>
#include <string>

namespace samovar::cli {

class DatasphereFlags {
 public:
  void declare(Flags& flags);
  // The flags of commands that ask the REST APIs.
  void declare_urls(Flags& flags);
  // --record.
  void declare_record(Flags& flags);

  CloudFlags& cloud() { return cloud_; }
  const CloudFlags& cloud() const { return cloud_; }
  // kInvalidArgument without --folder.
  Status need_folder() const;
  cloud::RestClient rest(cloud::Credentials& credentials) const;
  cloud::NodeWatch watch(cloud::Credentials& credentials) const;
  Result<cloud::DeploymentRecord> record() const;
  Status save(const cloud::DeploymentRecord& record) const;

 private:
  CloudFlags cloud_;
  cloud::CloudUrls urls_;
  std::string record_file_ = "datasphere.json";
};

void sleep_ms(int64_t ms);

// Instructions to stdout; answers from stdin.
class Terminal final : public cloud::Operator {
 public:
  Status tell(const std::string& text) override;
  Result<std::string> ask(const std::string& question) override;
};

}  // namespace samovar::cli
