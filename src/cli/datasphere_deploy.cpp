// samovar datasphere deploy, samovar datasphere undeploy.
// SPDX-License-Identifier: Apache-2.0
#include "base/clock.h"
#include "cli/command.h"
#include "cli/datasphere_flags.h"
#include "cli/output.h"
#include "cli/registry_flags.h"
#include "cloud/deployment.h"
#include "cloud/registry_tool.h"

#include <fmt/format.h>

namespace samovar::cli {
namespace {

// The flags and the way of both commands.
class DeployCommand : public Command {
 public:
  void declare(Flags& flags) override {
    flags_.declare(flags);
    flags_.declare_record(flags);
    flags_.cloud().declare_node_api(flags);
    flags.add("--wait", &wish_.wait_s, "seconds to wait for a node, and for what you click");
    flags.add("--poll", &poll_s_, "seconds between two looks");
    flags.add("--dry-run", &dry_run_, "print the plan, and change nothing");
  }

 protected:
  using Work = Status (*)(const cloud::DeployWish&, cloud::DeploymentRecord&,
                          const cloud::DeployContext&);

  Status carry_out(const Environment& environment, Work work) {
    SAMOVAR_ASSIGN(cloud::DeploymentRecord record, flags_.record());
    SAMOVAR_ASSIGN(const auto credentials, flags_.cloud().credentials(environment));
    cloud::NodeWatch watch = flags_.watch(*credentials);
    Terminal person;
    wish_.poll_ms = poll_s_ * 1000;
    return work(wish_, record,
                {.watch = watch,
                 .person = person,
                 .clock = system_clock(),
                 .sleep = sleep_ms,
                 .save = [this](const cloud::DeploymentRecord& now) { return flags_.save(now); }});
  }

  DatasphereFlags flags_;
  cloud::DeployWish wish_;
  int64_t poll_s_ = 5;
  bool dry_run_ = false;
};

class Deploy final : public DeployCommand {
 public:
  void declare(Flags& flags) override {
    flags.add_required("--alias", &wish_.alias, "the alias that clients ask");
    flags.add_required("--image", &wish_.node.image, "the image: cr.yandex/REGISTRY/NAME:TAG");
    flags.add("--build", &folder_, "build it from this folder first, and push it");
    flags.add("--build-arg", &build_arguments_, "NAME=VALUE for the build");
    registry_.declare(flags);
    flags.add("--name", &wish_.node.name, "name of the new node; made of alias and time if none");
    flags.add("--node", &wish_.node_id, "the id of the new node, if it is there already");
    flags.add("--stamp", &wish_.stamp,
              "a tag that the image's server lists with its models (SAMOVAR_TAGS), by which its "
              "answers are known; made where the image is built here");
    flags.add("--secret", &wish_.node.secret, "name of the secret that holds key.json");
    flags.add("--image-port", &wish_.node.port, "the port on which the image answers");
    flags.add("--timeout", &wish_.node.timeout_s,
              "seconds of silence after which the node hangs up");
    flags.add("--drain", &wish_.drain_s, "seconds that the old node's answers get to end");
    DeployCommand::declare(flags);
  }

  Status run(const Environment& environment) override {
    SAMOVAR_TRY(flags_.need_folder());
    wish_.node.folder = flags_.cloud().folder();
    const std::string moment = std::to_string(system_clock().unix_s());
    if (wish_.node.name.empty()) wish_.node.name = wish_.alias + "-" + moment;
    if (!folder_.empty() && !wish_.node_id.empty()) {
      return invalid_argument(
          "--build makes an image, and node " + wish_.node_id +
          " is there already with one: leave --build away to go on with that node");
    }
    if (!folder_.empty() && wish_.stamp.empty()) wish_.stamp = "deploy-" + moment;
    SAMOVAR_TRY(build_and_push(environment));
    if (dry_run_) return print_plan();
    return carry_out(environment, cloud::deploy);
  }

 private:
  Status build_and_push(const Environment& environment) {
    if (folder_.empty()) return {};
    SAMOVAR_ASSIGN(const cloud::ImageName target, cloud::ImageName::parse(wish_.node.image));
    cloud::RegistryTool tool(registry_.tool(), dry_run_, write_stdout);
    const std::string plain = wish_.node.image + "-unstamped";
    SAMOVAR_TRY(tool.build(folder_, plain, build_arguments_));
    SAMOVAR_TRY(tool.stamp(plain, wish_.node.image, wish_.stamp));
    SAMOVAR_TRY(write_stdout(fmt::format("the image's server lists the tag {}\n", wish_.stamp)));
    return registry_.push(wish_.node.image, target, flags_.cloud(), environment, dry_run_);
  }

  Status print_plan() {
    SAMOVAR_ASSIGN(cloud::DeploymentRecord record, flags_.record());
    std::string plan;
    if (wish_.node_id.empty()) plan += cloud::node_create_steps(wish_.node);
    plan += fmt::format("wait until node {} answers: up to {} s\n", wish_.node.name, wish_.wait_s);
    const std::vector<cloud::NodePart> all{{wish_.node.name}};
    plan += record.find_alias(wish_.alias) != nullptr
                ? cloud::alias_update_steps(wish_.alias, all)
                : cloud::alias_create_steps(wish_.alias, all, wish_.node.folder);
    record.put_alias({wish_.alias, {{wish_.node_id}}});  // as it will be
    for (const cloud::RecordedNode& old : record.left_behind(wish_.alias)) {
      plan +=
          fmt::format("wait until node {} works on nothing: up to {} s\n", old.name, wish_.drain_s);
      plan += cloud::node_delete_steps(old.name, old.id);
    }
    return write_stdout(plan);
  }

  RegistryFlags registry_;
  std::string folder_;
  std::vector<std::string> build_arguments_;
};

class Undeploy final : public DeployCommand {
 public:
  void declare(Flags& flags) override {
    flags.add("--alias", &wish_.alias, "only this alias and its nodes; else all");
    DeployCommand::declare(flags);
  }

  Status run(const Environment& environment) override {
    SAMOVAR_TRY(flags_.need_folder());
    if (!dry_run_) return carry_out(environment, cloud::undeploy);
    SAMOVAR_ASSIGN(const cloud::DeploymentRecord record, flags_.record());
    std::string plan;
    for (const cloud::RecordedAlias& alias : record.aliases) {
      if (wish_.means(alias.name)) plan += cloud::alias_delete_steps(alias.name);
    }
    for (const cloud::RecordedNode& node : record.nodes) {
      if (wish_.means(node.alias)) plan += cloud::node_delete_steps(node.name, node.id);
    }
    return write_stdout(plan.empty() ? "nothing is remembered\n" : plan);
  }
};

}  // namespace

std::unique_ptr<Command> make_datasphere_deploy() {
  return std::make_unique<Deploy>();
}
std::unique_ptr<Command> make_datasphere_undeploy() {
  return std::make_unique<Undeploy>();
}

}  // namespace samovar::cli
