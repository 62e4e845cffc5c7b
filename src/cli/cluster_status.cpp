// samovar cluster status
// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/output.h"
#include "cluster/addresses.h"
#include "cluster/marks.h"
#include "host/journal.h"

#include <fmt/format.h>

namespace samovar::cli {
namespace {

class ClusterStatus final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add("--kubeconfig", &kubeconfig_,
              "where the cluster's own has moved (default: as given to `samovar cluster up`)");
  }

  Status run(const Environment& /*environment*/) override {
    const host::Machine machine = host::Machine::real();
    SAMOVAR_ASSIGN(const host::Journal journal,
                   host::Journal::open(machine, host::Journal::kClusterPath));
    if (journal.empty()) return write_stdout("`samovar cluster up` has made nothing here\n");
    std::string text;
    for (size_t i = 0; i < journal.size(); ++i) {
      text += fmt::format("  {}\n", journal.change(i).name());
    }
    SAMOVAR_ASSIGN(cluster::ClusterWishes wishes, cluster::standing_cluster(machine));
    if (!kubeconfig_.empty()) wishes.kubeconfig = kubeconfig_;
    return write_stdout("made here, in this order:\n" + text + "\n" +
                        cluster::addresses(machine, wishes));
  }

 private:
  std::string kubeconfig_;
};

}  // namespace

std::unique_ptr<Command> make_cluster_status() {
  return std::make_unique<ClusterStatus>();
}

}  // namespace samovar::cli
