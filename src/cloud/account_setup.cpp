#include "cloud/account_setup.h"

#include "cloud/folder_roles.h"
#include "cloud/json_member.h"
#include "cloud/service_key.h"
#include "json/json.h"
#include "net/url.h"
#include "sys/secret_file.h"

#include <fmt/format.h>

namespace samovar::cloud {
namespace {

using Say = std::function<void(const std::string&)>;

// One resource that is found by its name in the folder, or made.
struct Resource {
  const char* kind;    // "service account"
  std::string url;     // the collection's
  const char* member;  // of its list
  std::string name;
};

Result<std::string> find_or_make(RestClient& rest, const SetupWish& wish, const Resource& resource,
                                 const Say& say) {
  SAMOVAR_ASSIGN(const auto all, rest.list(fmt::format("{}?folderId={}&pageSize=100", resource.url,
                                                       net::percent_encode_value(wish.folder)),
                                           resource.member));
  for (const json::Value& each : all) {
    if (text_or_empty(each, "name") != resource.name) continue;
    const std::string id = text_or_empty(each, "id");
    say(fmt::format("{} {}: there ({})", resource.kind, resource.name, id));
    return id;
  }
  if (wish.dry_run) {
    say(fmt::format("{} {}: would be made", resource.kind, resource.name));
    return std::string();
  }
  SAMOVAR_ASSIGN(const json::Value made,
                 rest.run(resource.url, {{"folderId", wish.folder}, {"name", resource.name}}));
  const std::string id = text_or_empty(made, "id");
  if (id.empty()) return corrupt(fmt::format("{}: an answer without an `id`", resource.url));
  say(fmt::format("{} {}: made ({})", resource.kind, resource.name, id));
  return id;
}

Status set_up_roles(RestClient& rest, const SetupWish& wish, const std::string& account,
                    const Say& say) {
  std::vector<std::string> has;
  if (!account.empty()) {
    SAMOVAR_ASSIGN(has, roles_in_folder(rest, wish.folder, account));
  }
  std::vector<std::string> missing;
  for (const NeededRole& role : needed_roles()) {
    const bool there = covers(has, role.id);
    if (!there) missing.emplace_back(role.id);
    say(fmt::format("role {}: {}", role.id,
                    there          ? "there"
                    : wish.dry_run ? "would be given"
                                   : "is given"));
  }
  if (missing.empty() || wish.dry_run) return {};
  return give_roles(rest, wish.folder, account, missing);
}

// OK when the file is there and fits; kNotFound when there is none.
Status check_key_file(const std::string& path, const std::string& account) {
  SAMOVAR_ASSIGN(const ServiceKey key, read_service_key(path));
  if (key.service_account_id == account) return {};
  if (account.empty()) {
    return invalid_argument(
        fmt::format("{}: is of service account {}, and a new one would be made; name another file "
                    "with --key-file",
                    path, key.service_account_id));
  }
  return invalid_argument(
      fmt::format("{}: is of service account {}, expected {}; name another "
                  "file with --key-file",
                  path, key.service_account_id, account));
}

Status set_up_key(RestClient& rest, const SetupWish& wish, const std::string& account,
                  const Say& say) {
  const Status there = check_key_file(wish.key_file, account);
  if (there.ok()) {
    say(fmt::format("key {}: there", wish.key_file));
    return {};
  }
  if (there.code() != Code::kNotFound) return there;
  if (wish.dry_run) {
    say(fmt::format("key {}: would be made, mode 0600", wish.key_file));
    return {};
  }
  // A key is told once: there must be a place for it before it is made.
  SAMOVAR_ASSIGN(sys::AtomicFile file, sys::create_secret_file(wish.key_file));
  SAMOVAR_ASSIGN(const json::Value made,
                 rest.post(rest.urls().iam + "/iam/v1/keys",
                           {{"serviceAccountId", account}, {"description", "made by samovar"}}));
  const json::Value* const key = member(made, "key");
  const std::string* const private_key = text_member(made, "privateKey");
  if (key == nullptr || private_key == nullptr) {
    return corrupt("the answer to the making of a key has no `key` and `privateKey`");
  }
  const std::string id = text_or_empty(*key, "id");
  const json::Value content = {{"id", id},
                               {"service_account_id", account},
                               {"created_at", text_or_empty(*key, "createdAt")},
                               {"key_algorithm", text_or_empty(*key, "keyAlgorithm")},
                               {"public_key", text_or_empty(*key, "publicKey")},
                               {"private_key", *private_key}};
  const Status kept = sys::fill_secret_file(file, Secret(json::dump(content) + "\n"));
  if (!kept.ok()) {
    const Status removed = rest.remove(rest.urls().iam + "/iam/v1/keys/" + id);
    return kept.with_context(removed.ok() ? "the key is deleted again"
                                          : fmt::format("key {} stays in the cloud unused", id));
  }
  say(fmt::format("key {}: made, mode 0600", wish.key_file));
  return {};
}

}  // namespace

Result<SetupResult> set_up_account(RestClient& rest, const SetupWish& wish, const Say& say) {
  SetupResult result;
  SAMOVAR_ASSIGN(result.account_id,
                 find_or_make(rest, wish,
                              {"service account", rest.urls().iam + "/iam/v1/serviceAccounts",
                               "serviceAccounts", wish.account_name},
                              say));
  SAMOVAR_TRY(set_up_roles(rest, wish, result.account_id, say));
  SAMOVAR_TRY(set_up_key(rest, wish, result.account_id, say));
  SAMOVAR_ASSIGN(
      result.registry_id,
      find_or_make(rest, wish,
                   {"registry", rest.urls().registry + "/container-registry/v1/registries",
                    "registries", wish.registry_name},
                   say));
  return result;
}

}  // namespace samovar::cloud
