#include "cloud/console_steps.h"

#include <initializer_list>
#include <utility>

#include <fmt/format.h>

namespace samovar::cloud {
namespace {

constexpr const char* kDocs = "https://yandex.cloud/en/docs/datasphere/operations/";

// "       Name             saiga\n" for each pair.
std::string values(std::initializer_list<std::pair<std::string_view, std::string>> pairs) {
  std::string text;
  for (const auto& [name, value] : pairs) text += fmt::format("       {:<20} {}\n", name, value);
  return text;
}

// "saiga-1: 70 %, saiga-2: 30 %"
std::string parts(std::span<const NodePart> nodes) {
  std::string text;
  for (const NodePart& node : nodes) {
    text += fmt::format("{}{}: {} %", text.empty() ? "" : ", ", node.name, node.percent);
  }
  return text;
}

std::string steps(std::string_view what, std::string_view body, std::string_view page) {
  return fmt::format(
      "{}: the cloud has no public API for this step.\nIn https://datasphere.yandex.cloud, in your "
      "project:\n{}  Documentation: {}{}\n",
      what, body, kDocs, page);
}

}  // namespace

std::string secret_steps(std::string_view secret, std::string_view key_file) {
  return steps(fmt::format("make secret {}", secret),
               "  1. Create resource > Secret\n" +
                   values({{"Name", std::string(secret)},
                           {"Value", fmt::format("all of the file {}", key_file)}}) +
                   "  2. Create\n",
               "data/secrets");
}

std::string project_account_steps(std::string_view folder, std::string_view account) {
  return steps("project's account",
               "  1. Settings > Advanced\n" +
                   values({{"Default folder", std::string(folder)},
                           {"Service account", std::string(account)}}) +
                   "  2. Access > Add member: the service account, role "
                   "datasphere.community-projects.developer\n",
               "projects/update");
}

std::string node_create_steps(const NodeWish& wish) {
  return steps(fmt::format("make node {}", wish.name),
               "  1. Create resource > Node\n" +
                   values({{"Name", wish.name},
                           {"Type", "Docker image"},
                           {"Docker image", wish.image},
                           {"User name", "json_key"},
                           {"Password secret", wish.secret},
                           {"Endpoint type", "HTTP"},
                           {"Port", std::to_string(wish.port)},
                           {"Timeout", fmt::format("{} (seconds)", wish.timeout_s)},
                           {"Folder", wish.folder},
                           {"Health check", fmt::format("HTTP, port {}, path /livez", wish.port)},
                           {"Access (ACL)", wish.folder}}) +
                   "  2. Create\n",
               "deploy/node-create#from-docker");
}

std::string node_delete_steps(std::string_view name, std::string_view id) {
  return steps(fmt::format("delete node {}", name),
               "  1. Project resources > Node\n" +
                   values({{"Node", fmt::format("{} ({})", name, id)}}) +
                   "  2. ... > Delete, and confirm\n",
               "deploy/node-delete");
}

std::string alias_create_steps(std::string_view alias, std::span<const NodePart> nodes,
                               std::string_view folder) {
  return steps(fmt::format("make alias {}", alias),
               "  1. Create resource > Alias\n" +
                   values({{"Name", std::string(alias)},
                           {"Prefix", "datasphere.user"},
                           {"Nodes", parts(nodes)},
                           {"Folder", std::string(folder)},
                           {"Type", "Private"}}) +
                   "  2. Save\n",
               "deploy/alias-create");
}

std::string alias_delete_steps(std::string_view alias) {
  return steps(fmt::format("delete alias {}", alias),
               "  1. Project resources > Alias\n" + values({{"Alias", std::string(alias)}}) +
                   "  2. ... > Delete, and confirm\n",
               "deploy/alias-delete");
}

std::string alias_update_steps(std::string_view alias, std::span<const NodePart> nodes) {
  return steps(fmt::format("switch alias {}", alias),
               "  1. Project resources > Alias\n" +
                   values({{"Alias", std::string(alias)},
                           {"Edit > Nodes", parts(nodes) + ", and no other"}}) +
                   "  2. Save\n",
               "deploy/alias-update");
}

}  // namespace samovar::cloud
