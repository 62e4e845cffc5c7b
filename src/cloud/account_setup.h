// What `samovar datasphere init` makes: service account, roles, key.json, registry. Idempotent.
//
// Sources: the REST references of IAM (serviceAccounts, keys), Resource Manager (folders,
// updateAccessBindings) and Container Registry (registries) under https://yandex.cloud/en/docs/.
// Thread: one. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud/rest_client.h"

#include <functional>
#include <string>
#include <vector>

namespace samovar::cloud {

struct SetupWish {
  std::string folder;
  std::string account_name = "samovar";
  std::string registry_name = "samovar";
  std::string key_file = "key.json";
  bool dry_run = false;  // look, and say what would be done
};

struct SetupResult {
  std::string account_id;   // empty in a dry run that would make it
  std::string registry_id;  // likewise
};

// `say` gets one line for each step: what was there, what was made, what would be made.
Result<SetupResult> set_up_account(RestClient& rest, const SetupWish& wish,
                                   const std::function<void(const std::string&)>& say);

}  // namespace samovar::cloud
