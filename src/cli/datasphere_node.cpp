// samovar datasphere node, samovar datasphere alias: what to click, and what is seen afterwards.
// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "cli/command.h"
#include "cli/datasphere_flags.h"
#include "cli/output.h"
#include "cloud/console_steps.h"
#include "cloud/node_shares.h"
#include "cloud/node_target.h"

#include <fmt/format.h>

namespace samovar::cli {
namespace {

Result<cloud::RecordedNode> known_node(const cloud::DeploymentRecord& record,
                                       const std::string& name_or_id) {
  const cloud::RecordedNode* const known = record.find(name_or_id);
  if (known != nullptr) return *known;
  return not_found(
      fmt::format("no node `{}` is remembered; see `datasphere node list`", name_or_id));
}

class NodeCreate final : public Command {
 public:
  void declare(Flags& flags) override {
    flags_.declare(flags);
    flags_.declare_record(flags);
    flags.add_required("--name", &wish_.name, "name of the node");
    flags.add_required("--image", &wish_.image, "the image: cr.yandex/REGISTRY/NAME:TAG");
    flags.add("--image-port", &wish_.port, "the port on which the image answers");
    flags.add("--timeout", &wish_.timeout_s, "seconds of silence after which the node hangs up");
    flags.add("--secret", &wish_.secret, "name of the secret that holds key.json");
    flags.add("--id", &id_, "the node's id, if it is there already; else it is asked for");
    flags.add("--dry-run", &dry_run_, "print the steps, and ask for nothing");
  }

  Status run(const Environment& /*environment*/) override {
    SAMOVAR_TRY(flags_.need_folder());
    wish_.folder = flags_.cloud().folder();
    if (id_.empty()) SAMOVAR_TRY(write_stdout(cloud::node_create_steps(wish_)));
    if (dry_run_) return {};
    SAMOVAR_ASSIGN(cloud::DeploymentRecord record, flags_.record());
    if (id_.empty()) {
      SAMOVAR_ASSIGN(id_, Terminal().ask("id of the new node"));
    }
    if (id_.empty()) return invalid_argument("no id: the node is not remembered");
    SAMOVAR_TRY(cloud::check_identifier("--id", id_));
    record.put({wish_.name, id_, wish_.image});
    SAMOVAR_TRY(flags_.save(record));
    return write_stdout(fmt::format("node {} is remembered as {}\n", id_, wish_.name));
  }

 private:
  DatasphereFlags flags_;
  cloud::NodeWish wish_;
  std::string id_;
  bool dry_run_ = false;
};

class NodeList final : public Command {
 public:
  void declare(Flags& flags) override {
    flags_.declare(flags);
    flags_.declare_record(flags);
    flags_.cloud().declare_node_api(flags);
  }

  Status run(const Environment& environment) override {
    SAMOVAR_TRY(flags_.need_folder());
    SAMOVAR_ASSIGN(const cloud::DeploymentRecord record, flags_.record());
    if (record.nodes.empty()) {
      return write_stdout("no node is remembered; `samovar datasphere node create` does it\n");
    }
    SAMOVAR_ASSIGN(const auto credentials, flags_.cloud().credentials(environment));
    cloud::NodeWatch watch = flags_.watch(*credentials);
    std::vector<std::vector<std::string>> rows;
    for (const cloud::RecordedNode& node : record.nodes) {
      const auto view = watch.look(cloud::NodeTarget::Kind::kNode, node.id);
      const cloud::RecordedAlias* const alias = record.alias_before(node.id);
      rows.push_back({node.name, node.id, alias != nullptr ? alias->name : "", node.image,
                      view.ok() ? "answers" : std::string(view.status().message())});
    }
    return write_stdout(table({{"NAME"}, {"ID"}, {"ALIAS"}, {"IMAGE"}, {"STATE"}}, rows));
  }

 private:
  DatasphereFlags flags_;
};

class NodeDelete final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add_required("node", &node_, "name or id of the node");
    flags_.declare_record(flags);
    flags.add("--dry-run", &dry_run_, "print the steps, and forget nothing");
  }

  Status run(const Environment& /*environment*/) override {
    SAMOVAR_ASSIGN(cloud::DeploymentRecord record, flags_.record());
    SAMOVAR_ASSIGN(const cloud::RecordedNode node, known_node(record, node_));
    if (const cloud::RecordedAlias* const alias = record.alias_before(node.id)) {
      return invalid_argument(fmt::format("node {} is behind alias {}: switch the alias first",
                                          node.name, alias->name));
    }
    SAMOVAR_TRY(write_stdout(cloud::node_delete_steps(node.name, node.id)));
    if (dry_run_) return {};
    SAMOVAR_TRY(Terminal().ask("Enter once it is deleted").status());
    record.remove(node.id);
    return flags_.save(record);
  }

 private:
  DatasphereFlags flags_;
  std::string node_;
  bool dry_run_ = false;
};

// `create` and `update` differ in what is to be clicked.
class AliasCommand final : public Command {
 public:
  enum class Action : uint8_t { kCreate, kUpdate };
  explicit AliasCommand(Action action) : action_(action) {}

  void declare(Flags& flags) override {
    flags.add_required("alias", &alias_, "name of the alias");
    flags.add_required("--to", &words_,
                       "NODE or NODE=PERCENT, by name or id: a node that gets requests; once for "
                       "each, equal parts without percents");
    flags_.declare(flags);
    flags_.declare_record(flags);
    flags.add("--dry-run", &dry_run_, "print the steps, and remember nothing");
  }

  Status run(const Environment& /*environment*/) override {
    SAMOVAR_TRY(flags_.need_folder());
    SAMOVAR_ASSIGN(cloud::DeploymentRecord record, flags_.record());
    SAMOVAR_ASSIGN(std::vector<cloud::NodeShare> shares, cloud::parse_shares(words_, record));
    std::vector<cloud::NodePart> parts;
    for (const cloud::NodeShare& share : shares) {
      parts.push_back({record.find(share.id)->name, share.percent});
    }
    SAMOVAR_TRY(write_stdout(action_ == Action::kCreate
                                 ? cloud::alias_create_steps(alias_, parts, flags_.cloud().folder())
                                 : cloud::alias_update_steps(alias_, parts)));
    if (dry_run_) return {};
    SAMOVAR_TRY(Terminal().ask("Enter once that is saved").status());
    record.put_alias({alias_, std::move(shares)});
    return flags_.save(record);
  }

 private:
  const Action action_;
  DatasphereFlags flags_;
  std::string alias_;
  std::vector<std::string> words_;
  bool dry_run_ = false;
};

}  // namespace

std::unique_ptr<Command> make_datasphere_node_create() {
  return std::make_unique<NodeCreate>();
}
std::unique_ptr<Command> make_datasphere_node_list() {
  return std::make_unique<NodeList>();
}
std::unique_ptr<Command> make_datasphere_node_delete() {
  return std::make_unique<NodeDelete>();
}
std::unique_ptr<Command> make_datasphere_alias_create() {
  return std::make_unique<AliasCommand>(AliasCommand::Action::kCreate);
}
std::unique_ptr<Command> make_datasphere_alias_update() {
  return std::make_unique<AliasCommand>(AliasCommand::Action::kUpdate);
}

}  // namespace samovar::cli
