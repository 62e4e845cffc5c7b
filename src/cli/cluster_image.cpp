// samovar cluster image: what `samovar cluster up` gives the node's containerd.
// SPDX-License-Identifier: Apache-2.0
#include "cli/build_info.h"
#include "cli/command.h"
#include "cli/output.h"
#include "cluster/image.h"
#include "cluster/release.h"

#include <fmt/format.h>

namespace samovar::cli {
namespace {

class ClusterImage final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add_required("file", &file_, "the tar file to write");
  }

  Status run(const Environment& /*environment*/) override {
    const std::string tag = cluster::image_tag(std::string(kVersion));
    SAMOVAR_ASSIGN(const cluster::ImageFiles files, cluster::own_image_files());
    SAMOVAR_TRY(cluster::write_image(file_, tag, files));
    return write_stdout(fmt::format("{}: {}\n", file_, tag));
  }

 private:
  std::string file_;
};

}  // namespace

std::unique_ptr<Command> make_cluster_image() {
  return std::make_unique<ClusterImage>();
}

}  // namespace samovar::cli
