#include "cloud/deployment.h"

#include <algorithm>
#include <utility>

#include <fmt/format.h>

namespace samovar::cloud {
namespace {

using Kind = NodeTarget::Kind;

// Looks in a row, a pause apart, that must all come from the new node: an alias is switched
// instance by instance.
constexpr int kLooksInARow = 5;
// And that must all find an old node at rest: some of its requests may be on their way.
constexpr int kIdleLooks = 3;

bool has(const std::vector<std::string>& list, const std::string& word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

class Deployer {
 public:
  Deployer(const DeployWish& wish, DeploymentRecord& record, const DeployContext& context)
      : wish_(wish), record_(record), context_(context) {}

  Status run();
  Status remove_alias(const std::string& alias);
  Status remove_node(const RecordedNode& node);

 private:
  Status make_node();
  Status wait_for_node();
  Status switch_alias();
  std::string state_of_alias() const;
  Status drain(const RecordedNode& old);
  bool is_stamped() const { return !node_.stamp.empty(); }
  // Whether those are the new node's answers, as far as can be told.
  bool is_this(const NodeView& view) const { return !is_stamped() || has(view.tags, node_.stamp); }
  bool is_gone(const RecordedNode& node) const;
  Status forget(const RecordedNode& node);
  // Until `done` holds. RETURNS whether it did within `seconds`.
  Result<bool> poll(int64_t seconds, const std::function<Result<bool>()>& done);

  const DeployWish& wish_;
  DeploymentRecord& record_;
  const DeployContext& context_;
  RecordedNode node_;
};

Result<bool> Deployer::poll(int64_t seconds, const std::function<Result<bool>()>& done) {
  const int64_t end_us = context_.clock.monotonic_us() + seconds * 1'000'000;
  for (;;) {
    SAMOVAR_ASSIGN(const bool holds, done());
    if (holds) return true;
    if (context_.clock.monotonic_us() >= end_us) return false;
    context_.sleep(wish_.poll_ms);
  }
}

Status Deployer::run() {
  SAMOVAR_TRY(make_node());
  const RecordedAlias* const before = record_.alias_before(node_.id);
  if (before == nullptr || before->name != wish_.alias) {
    SAMOVAR_TRY(wait_for_node());
    SAMOVAR_TRY(switch_alias());
  } else if (record_.left_behind(wish_.alias).empty()) {
    return invalid_argument(fmt::format("node {} is behind the alias already", node_.id));
  }
  for (const RecordedNode& old : record_.left_behind(wish_.alias)) {
    if (is_gone(old)) {
      SAMOVAR_TRY(forget(old));
      continue;
    }
    SAMOVAR_TRY(drain(old));
    SAMOVAR_TRY(remove_node(old));
  }
  return {};
}

Status Deployer::make_node() {
  node_ = {wish_.node.name, wish_.node_id, wish_.node.image, "", wish_.stamp};
  if (node_.id.empty()) {
    SAMOVAR_TRY(context_.person.tell(node_create_steps(wish_.node)));
    SAMOVAR_ASSIGN(node_.id, context_.person.ask("id of the new node"));
    if (node_.id.empty()) {
      return invalid_argument("no id: go on with --node ID" +
                              (is_stamped() ? " --stamp " + node_.stamp : ""));
    }
  }
  SAMOVAR_TRY(check_identifier("id of the new node", node_.id));
  if (const RecordedNode* const known = record_.find(node_.id)) {
    node_ = *known;
    if (!wish_.stamp.empty()) node_.stamp = wish_.stamp;
  }
  record_.put(node_);
  return context_.save(record_);
}

Status Deployer::wait_for_node() {
  std::string said;
  SAMOVAR_ASSIGN(const bool answers, poll(wish_.wait_s, [&]() -> Result<bool> {
                   const auto view = context_.watch.look(Kind::kNode, node_.id);
                   if (view.ok() && is_this(*view)) return true;
                   const std::string now =
                       view.ok() ? fmt::format(
                                       "its server has another image, or is no samovar: none "
                                       "of its models has the tag {}",
                                       node_.stamp)
                                 : std::string(view.status().message());
                   if (said != now) {
                     said = now;
                     SAMOVAR_TRY(context_.person.tell(
                         fmt::format("waiting for node {}: {}\n", node_.name, said)));
                   }
                   return false;
                 }));
  if (answers) return context_.person.tell(fmt::format("node {} answers\n", node_.name));
  return busy(
      fmt::format("node {} did not answer within {} s ({}); {}. Delete it, or go on with "
                  "--node {} once it answers",
                  node_.name, wish_.wait_s, said, state_of_alias(), node_.id));
}

std::string Deployer::state_of_alias() const {
  const RecordedAlias* const alias = record_.find_alias(wish_.alias);
  if (alias == nullptr) return "there is no alias yet";
  std::string ids;
  for (const NodeShare& share : alias->shares) ids += (ids.empty() ? "" : ", ") + share.id;
  return "the alias stays with " + ids;
}

Status Deployer::switch_alias() {
  const std::vector<NodePart> all{{node_.name}};
  SAMOVAR_TRY(context_.person.tell(record_.find_alias(wish_.alias) == nullptr
                                       ? alias_create_steps(wish_.alias, all, wish_.node.folder)
                                       : alias_update_steps(wish_.alias, all)));
  if (!is_stamped()) {
    // Nothing tells the new node's answers from the old one's.
    SAMOVAR_TRY(context_.person.ask("Enter once that is saved").status());
  }
  int n_in_a_row = 0;
  const int64_t looks_s = kLooksInARow * wish_.poll_ms / 1000;
  SAMOVAR_ASSIGN(const bool switched, poll(wish_.wait_s + looks_s, [&]() -> Result<bool> {
                   const auto view = context_.watch.look(Kind::kAlias, wish_.alias);
                   n_in_a_row = view.ok() && is_this(*view) ? n_in_a_row + 1 : 0;
                   return n_in_a_row == kLooksInARow;
                 }));
  if (!switched) {
    return busy(
        fmt::format("alias {} did not give the answers of node {} within {} s; the old node "
                    "stays",
                    wish_.alias, node_.name, wish_.wait_s));
  }
  record_.put_alias({wish_.alias, {{node_.id}}});
  SAMOVAR_TRY(context_.save(record_));
  return context_.person.tell(fmt::format("alias {} is switched\n", wish_.alias));
}

Status Deployer::drain(const RecordedNode& old) {
  bool told = true;
  int n_idle = 0;
  SAMOVAR_ASSIGN(
      const bool idle, poll(wish_.drain_s, [&]() -> Result<bool> {
        const auto n_running = context_.watch.n_running(old.id);
        if (!n_running && std::exchange(told, false)) {
          SAMOVAR_TRY(context_.person.tell(fmt::format(
              "node {} does not tell what runs: {} s are waited\n", old.name, wish_.drain_s)));
        }
        n_idle = n_running == 0 ? n_idle + 1 : 0;
        return n_idle == kIdleLooks;
      }));
  return context_.person.tell(
      idle ? fmt::format("node {}: its last answer has ended\n", old.name)
           : fmt::format("node {}: {} s have passed; what still runs there is cut\n", old.name,
                         wish_.drain_s));
}

bool Deployer::is_gone(const RecordedNode& node) const {
  return context_.watch.look(Kind::kNode, node.id).status().code() == Code::kNotFound;
}

Status Deployer::forget(const RecordedNode& node) {
  record_.remove(node.id);
  return context_.save(record_);
}

Status Deployer::remove_node(const RecordedNode& node) {
  SAMOVAR_TRY(context_.person.tell(node_delete_steps(node.name, node.id)));
  SAMOVAR_ASSIGN(const bool gone,
                 poll(wish_.wait_s, [&]() -> Result<bool> { return is_gone(node); }));
  if (gone) return forget(node);
  return busy(fmt::format("node {} ({}) still is there, and costs", node.name, node.id));
}

Status Deployer::remove_alias(const std::string& alias) {
  SAMOVAR_TRY(context_.person.tell(alias_delete_steps(alias)));
  SAMOVAR_ASSIGN(const bool gone, poll(wish_.wait_s, [&]() -> Result<bool> {
                   return context_.watch.look(Kind::kAlias, alias).status().code() ==
                          Code::kNotFound;
                 }));
  if (!gone) return busy(fmt::format("alias {} still is there", alias));
  record_.remove_alias(alias);
  return context_.save(record_);
}

}  // namespace

Status deploy(const DeployWish& wish, DeploymentRecord& record, const DeployContext& context) {
  return Deployer(wish, record, context).run();
}

Status undeploy(const DeployWish& wish, DeploymentRecord& record, const DeployContext& context) {
  Deployer deployer(wish, record, context);
  const std::vector<RecordedAlias> aliases = record.aliases;
  for (const RecordedAlias& alias : aliases) {
    if (wish.means(alias.name)) SAMOVAR_TRY(deployer.remove_alias(alias.name));
  }
  const std::vector<RecordedNode> nodes = record.nodes;
  for (const RecordedNode& node : nodes) {
    if (wish.means(node.alias)) SAMOVAR_TRY(deployer.remove_node(node));
  }
  return {};
}

}  // namespace samovar::cloud
