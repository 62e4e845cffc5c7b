// samovar cluster up
// SPDX-License-Identifier: Apache-2.0
#include "cli/build_info.h"
#include "cli/changes.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cli/pod_plan.h"
#include "cli/serve_models.h"
#include "cluster/addresses.h"
#include "cluster/image_file.h"
#include "cluster/memory.h"
#include "cluster/release.h"
#include "cluster/strangers.h"
#include "cluster/up.h"

#include <filesystem>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

using cluster::Monitoring;

constexpr char kNodesModels[] = "/var/lib/samovar/models";

Result<Monitoring> parse_monitoring(const std::string& word) {
  if (word.empty()) return Monitoring::kBySize;
  if (word == "none") return Monitoring::kNone;
  if (word == "light") return Monitoring::kLight;
  if (word == "full") return Monitoring::kFull;
  return invalid_argument(
      fmt::format("--monitoring: expected none, light or full, found '{}'", word));
}

class ClusterUp final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add("model", &wishes_.model, "what it serves (default qwen2.5-coder:1.5b)");
    flags.add("--apply", &apply_, "do it (as root); without, print what would be done");
    flags.add("--image", &wishes_.image_file,
              "an image in a tar file (default: one of this program)");
    flags.add("--models", &wishes_.models,
              "the node's folder of models (default: of this machine's own cluster)");
    flags.add("--ctx-size", &wishes_.context, "tokens of context of one answer; 0: what fits");
    flags.add("--parallel", &wishes_.parallel, "answers at work together");
    flags.add("--kv", &wishes_.kv, "type of the KV cache: i16, q8_0, f16, f32");
    flags.add("--memory", &memory_,
              "the pod's limit (\"2G\"; default: what Kubernetes and monitoring leave)");
    flags.add("--monitoring", &monitoring_,
              "none, light or full (default: light up to 8 GiB of RAM)");
    flags.add("--kubeconfig", &wishes_.kubeconfig, "a cluster that exists, instead of k0s here");
    flags.add("--containerd", &wishes_.containerd, "containerd's socket on this machine");
    flags.add("--no-wait", &no_wait_, "come back before everything answers");
  }

  Status run(const Environment& environment) override {
    SAMOVAR_TRY(settle());
    const host::Machine machine = host::Machine::real();
    SAMOVAR_ASSIGN(const cluster::ClusterFacts facts, cluster::read_cluster_facts(machine));
    SAMOVAR_ASSIGN(const Changes changes, cluster::up_changes(facts, wishes_));
    SAMOVAR_TRY(cluster::refuse_second_cluster(machine, facts, wishes_));
    if (!apply_) return show(machine, facts, changes);
    SAMOVAR_TRY(need_root("samovar cluster up"));
    if (wishes_.kubeconfig.empty() && !facts.is_host) {
      return invalid_argument(
          "this machine is not ready for Kubernetes: `sudo samovar host setup --apply` makes it "
          "so");
    }
    SAMOVAR_TRY(cluster::refuse_strangers(machine, facts, wishes_));
    SAMOVAR_ASSIGN(const cluster::PodMemory memory, cluster::pod_memory(facts, wishes_));
    SAMOVAR_TRY(check_pod_plan(wishes_, memory, environment));
    SAMOVAR_TRY(apply(machine, changes));
    wishes_.monitoring = cluster::monitoring_of(facts, wishes_);
    return write_stdout("\n" + cluster::addresses(machine, wishes_) +
                        "\n`samovar cluster down` takes it all back\n");
  }

 private:
  Status settle() {
    SAMOVAR_ASSIGN(wishes_.monitoring, parse_monitoring(monitoring_));
    SAMOVAR_ASSIGN(wishes_.memory_bytes, parse_bytes(memory_));
    SAMOVAR_ASSIGN(wishes_.program, host::own_path());
    // `cluster down` may be called in another folder.
    for (std::string* file : {&wishes_.kubeconfig, &wishes_.image_file, &wishes_.models}) {
      if (!file->empty()) *file = std::filesystem::absolute(*file).lexically_normal();
    }
    wishes_.image = cluster::image_tag(std::string(kVersion));
    if (!wishes_.image_file.empty()) {
      SAMOVAR_ASSIGN(wishes_.image, cluster::image_in_file(wishes_.image_file, wishes_.image));
    }
    wishes_.wait = !no_wait_;
    if (wishes_.kubeconfig.empty() && wishes_.models.empty()) wishes_.models = kNodesModels;
    return cluster::check_wishes(wishes_);
  }

  Status apply(const host::Machine& machine, const Changes& changes) const {
    SAMOVAR_ASSIGN(host::Journal journal,
                   host::Journal::open(machine, host::Journal::kClusterPath));
    const Status status = apply_changes(journal, machine, changes, "samovar cluster down").status();
    if (!status.ok()) write_stderr(cluster::plan_log(machine, wishes_));
    return status;
  }

  Status show(const host::Machine& machine, const cluster::ClusterFacts& facts,
              const Changes& changes) const {
    if (wishes_.kubeconfig.empty() && !facts.is_host) {
      SAMOVAR_TRY(write_stdout("# first: sudo samovar host setup --apply\n"));
    }
    return show_changes(machine, changes, "nothing to do\n");
  }

  bool apply_ = false, no_wait_ = false;
  std::string memory_ = "0", monitoring_;
  cluster::ClusterWishes wishes_;
};

}  // namespace

std::unique_ptr<Command> make_cluster_up() {
  return std::make_unique<ClusterUp>();
}

}  // namespace samovar::cli
