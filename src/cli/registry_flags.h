// RegistryFlags: who one is to a registry, and how an image gets there.
//
// The cloud's key and tokens go to the cloud's own registry alone, unless --user says otherwise.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "cli/cloud_flags.h"
#include "cli/environment.h"
#include "cli/flags.h"
#include "cloud/image_name.h"
#include "cloud/registry_client.h"

#include <string>

namespace samovar::cli {

inline constexpr const char* kCloudRegistry = "cr.yandex";

class RegistryFlags {
 public:
  void declare(Flags& flags);

  const std::string& tool() const { return tool_; }
  // Empty: nobody.
  std::string name(const std::string& registry, const CloudFlags& cloud) const;
  // For a registry that is not the cloud's: nobody, unless --user names somebody.
  Result<cloud::RegistryUser> user(const std::string& registry, const CloudFlags& cloud,
                                   const Environment& environment) const;
  cloud::RegistryOptions options(const CloudFlags& cloud) const;
  // `image`: a file as `docker save` writes it, or the name of one that the tool has. A dry run
  // only says what would be done.
  Status push(const std::string& image, const cloud::ImageName& target, const CloudFlags& cloud,
              const Environment& environment, bool dry_run) const;

 private:
  std::string user_, token_service_, tool_ = "docker";
};

}  // namespace samovar::cli
