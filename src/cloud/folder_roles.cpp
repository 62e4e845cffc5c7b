#include "cloud/folder_roles.h"

#include "cloud/json_member.h"
#include "json/json.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::cloud {
namespace {

json::Value binding(const std::string& role, const std::string& account) {
  return {{"roleId", role}, {"subject", {{"id", account}, {"type", "serviceAccount"}}}};
}

}  // namespace

std::string folder_url(const RestClient& rest, const std::string& folder) {
  return rest.urls().resource_manager + "/resource-manager/v1/folders/" +
         net::percent_encode_path(folder);
}

const std::vector<NeededRole>& needed_roles() {
  static const std::vector<NeededRole> kRoles = {
      {"container-registry.images.pusher", "push images"},
      {"container-registry.images.puller", "let nodes pull images"},
      {"vpc.user", "let nodes join a subnet"},
  };
  return kRoles;
}

Result<std::vector<std::string>> roles_in_folder(RestClient& rest, const std::string& folder,
                                                 const std::string& account) {
  SAMOVAR_ASSIGN(const auto bindings,
                 rest.list(folder_url(rest, folder) + ":listAccessBindings", "accessBindings"));
  std::vector<std::string> roles;
  for (const json::Value& each : bindings) {
    const json::Value* const subject = member(each, "subject");
    if (subject == nullptr || text_or_empty(*subject, "id") != account) continue;
    roles.push_back(text_or_empty(each, "roleId"));
  }
  return roles;
}

bool covers(const std::vector<std::string>& has, std::string_view role) {
  const std::string_view service = role.substr(0, role.find('.'));
  return std::any_of(has.begin(), has.end(), [&](const std::string& given) {
    if (given == role || given == "admin" || given == "editor") return true;
    // pusher includes puller; SERVICE.admin and SERVICE.editor include the service's roles.
    if (given == "container-registry.images.pusher" && role == "container-registry.images.puller") {
      return true;
    }
    return given == fmt::format("{}.admin", service) || given == fmt::format("{}.editor", service);
  });
}

Status give_roles(RestClient& rest, const std::string& folder, const std::string& account,
                  const std::vector<std::string>& roles) {
  json::Value deltas = json::Value::array();
  for (const std::string& role : roles) {
    deltas.push_back({{"action", "ADD"}, {"accessBinding", binding(role, account)}});
  }
  return rest
      .run(folder_url(rest, folder) + ":updateAccessBindings",
           {{"accessBindingDeltas", std::move(deltas)}})
      .status();
}

}  // namespace samovar::cloud
