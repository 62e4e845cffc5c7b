#include "cluster/wishes.h"

#include <fmt/format.h>

namespace samovar::cluster {
namespace {

constexpr uint64_t kLeastMemoryBytes = uint64_t{1} << 20;  // the unit in which limits are written

Status check_model(const ClusterWishes& wishes) {
  const std::string& model = wishes.model;
  if (!model.starts_with('/')) return {};
  if (!model.starts_with("/models/")) return unseen_path(model);
  if (!wishes.models.empty()) return {};
  return invalid_argument(fmt::format(
      "model: {} lies in the node's folder of models, and none is named: --models FOLDER", model));
}

}  // namespace

Status unseen_path(const std::string& model) {
  return invalid_argument(fmt::format(
      "model: expected a name, or a path below /models (the folder of --models), found {}", model));
}

Status check_wishes(const ClusterWishes& wishes) {
  if (wishes.context < 0) {
    return invalid_argument(
        fmt::format("--ctx-size: expected 0 (what fits) or more, found {}", wishes.context));
  }
  if (wishes.parallel < 1) {
    return invalid_argument(
        fmt::format("--parallel: expected at least 1, found {}", wishes.parallel));
  }
  if (wishes.memory_bytes > 0 && wishes.memory_bytes < kLeastMemoryBytes) {
    return invalid_argument(fmt::format(
        "--memory: expected 0 (what is left) or at least 1M, found {} bytes", wishes.memory_bytes));
  }
  return check_model(wishes);
}

}  // namespace samovar::cluster
