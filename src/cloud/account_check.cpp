#include "cloud/account_check.h"

#include "cloud/cloud_answer.h"
#include "cloud/folder_roles.h"
#include "cloud/json_member.h"
#include "cloud/service_key.h"
#include "json/json.h"

#include <sys/stat.h>
#include <utility>

#include <fmt/format.h>

namespace samovar::cloud {
namespace {

using State = Finding::State;

Finding failed(std::string what, const Status& status) {
  return {State::kBad, std::move(what), std::string(status.message())};
}

Finding judge_key(const std::string& path, const ServiceKey& key) {
  struct stat facts {};
  const std::string text =
      fmt::format("{}: key {} of service account {}", path, key.id, key.service_account_id);
  if (stat(path.c_str(), &facts) == 0 && (facts.st_mode & 077) != 0) {
    return {State::kUnsure, "key", fmt::format("{}; others can read it: chmod 600 {}", text, path)};
  }
  return {State::kGood, "key", text};
}

Finding judge_folder(RestClient& rest, const std::string& folder) {
  const auto answer = rest.get(folder_url(rest, folder));
  if (!answer.ok()) return failed("folder", answer.status());
  const std::string state = text_or_empty(*answer, "status");
  return {state.empty() || state == "ACTIVE" ? State::kGood : State::kBad, "folder",
          fmt::format("{} is `{}`, {}", folder, text_or_empty(*answer, "name"),
                      state.empty() ? "found" : state)};
}

void judge_roles(RestClient& rest, const std::string& folder, const std::string& account,
                 std::vector<Finding>& findings) {
  const auto roles = roles_in_folder(rest, folder, account);
  if (!roles.ok()) {
    findings.push_back(
        {State::kUnsure, "roles",
         fmt::format("can't be seen by this account: {}", roles.status().message())});
    return;
  }
  for (const NeededRole& role : needed_roles()) {
    if (covers(*roles, role.id)) {
      findings.push_back({State::kGood, "role", fmt::format("{}: to {}", role.id, role.why)});
      continue;
    }
    findings.push_back(
        {State::kBad, "role",
         fmt::format("{} is missing, to {}: yc resource-manager folder add-access-binding {} "
                     "--role {} --subject serviceAccount:{}",
                     role.id, role.why, folder, role.id, account)});
  }
}

Finding judge_node(Credentials& credentials, NodeClient& node) {
  const std::string what = node.target().kind == NodeTarget::Kind::kNode ? "node" : "alias";
  const auto authorization = credentials.authorization();
  if (!authorization.ok()) return failed(what, authorization.status());
  const auto reply = node.perform({.url = "/v1/models", .authorization = *authorization});
  if (!reply.result.ok()) return failed(what, reply.result.status());
  const auto models = read_answer(reply.result->response, node.target().id, {*authorization});
  if (!models.ok()) return failed(what, models.status());
  const json::Value* const data = member(*models, "data");
  std::string names;
  for (const json::Value& model : data == nullptr ? json::Value::array() : *data) {
    names += (names.empty() ? "" : ", ") + text_or_empty(model, "id");
  }
  return {State::kGood, what, fmt::format("{} answers for {}", node.target().id, names)};
}

}  // namespace

std::vector<Finding> check_account(const AccountFacts& facts, Credentials& credentials,
                                   RestClient& rest, NodeClient* node) {
  std::vector<Finding> findings;
  std::string account;
  if (!facts.key_file.empty()) {
    const auto key = read_service_key(facts.key_file);
    if (!key.ok()) return {failed("key", key.status())};
    account = key->service_account_id;
    findings.push_back(judge_key(facts.key_file, *key));
  }
  if (const auto token = credentials.authorization(); !token.ok()) {
    findings.push_back(failed("token", token.status()));
    return findings;
  }
  const int64_t left_s = credentials.report().left_us / 1'000'000;
  findings.push_back({State::kGood, "token",
                      left_s == 0 ? "given" : fmt::format("fetched; lives {} min", left_s / 60)});
  if (!facts.folder.empty()) {
    findings.push_back(judge_folder(rest, facts.folder));
    const bool is_there = findings.back().state == State::kGood;
    if (is_there && !account.empty()) judge_roles(rest, facts.folder, account, findings);
  }
  if (node != nullptr) findings.push_back(judge_node(credentials, *node));
  return findings;
}

}  // namespace samovar::cloud
