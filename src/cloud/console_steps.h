// What to click in the console where the cloud has no public API, with the values to paste.
//
// The public API of DataSphere has NodeService.Execute and ExecuteAlias and nothing that makes or
// changes nodes, aliases and secrets (github.com/yandex-cloud/cloudapi,
// yandex/cloud/datasphere). Thread: pure functions. SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace samovar::cloud {

struct NodeWish {
  std::string name;
  std::string image;  // cr.yandex/REGISTRY/NAME:TAG
  std::string folder;
  std::string secret = "samovar-key";
  int64_t port = 8000;
  int64_t timeout_s = 180;
};

std::string secret_steps(std::string_view secret, std::string_view key_file);
// `folder` and `account` become the project's own.
std::string project_account_steps(std::string_view folder, std::string_view account);
std::string node_create_steps(const NodeWish& wish);
std::string node_delete_steps(std::string_view name, std::string_view id);

// What a node gets of an alias's requests.
struct NodePart {
  std::string name;
  int64_t percent = 100;
};
std::string alias_create_steps(std::string_view alias, std::span<const NodePart> nodes,
                               std::string_view folder);
std::string alias_delete_steps(std::string_view alias);
std::string alias_update_steps(std::string_view alias, std::span<const NodePart> nodes);

}  // namespace samovar::cloud
