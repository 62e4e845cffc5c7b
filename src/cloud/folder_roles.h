// Which roles a service account has in a folder, and which ones a node's account needs.
//
// Sources: https://yandex.cloud/en/docs/container-registry/security/,
// https://yandex.cloud/en/docs/datasphere/concepts/deploy/ (vpc.user). Thread: one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud/rest_client.h"

#include <string>
#include <string_view>
#include <vector>

namespace samovar::cloud {

// Of the Resource Manager API.
std::string folder_url(const RestClient& rest, const std::string& folder);

struct NeededRole {
  std::string_view id;
  std::string_view why;
};
// Of the account that pushes images and that nodes run as. (The role in the DataSphere project,
// datasphere.community-projects.developer, belongs to the project and is given in the console.)
const std::vector<NeededRole>& needed_roles();

// Direct roles only: one inherited from the cloud or a group is not listed there.
Result<std::vector<std::string>> roles_in_folder(RestClient& rest, const std::string& folder,
                                                 const std::string& account);
// Whether `has` covers `role`: the same, or one that includes it (editor, admin, ...).
bool covers(const std::vector<std::string>& has, std::string_view role);
Status give_roles(RestClient& rest, const std::string& folder, const std::string& account,
                  const std::vector<std::string>& roles);

}  // namespace samovar::cloud
