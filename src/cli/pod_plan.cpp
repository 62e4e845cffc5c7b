#include "cli/pod_plan.h"

#include "cli/model_outline.h"

#include <filesystem>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

constexpr std::string_view kMount = "/models";  // where pods see `wishes.models`

Result<ModelOutline> outline_for_pod(const cluster::ClusterWishes& wishes,
                                     const Environment& environment) {
  store::StoreOptions options = store_options(environment);
  std::error_code none;
  if (std::filesystem::is_directory(wishes.models, none)) options.cache_dir = wishes.models;
  SAMOVAR_ASSIGN(const store::Store models, store::Store::open(options));
  std::string name = wishes.model;
  if (name.starts_with('/')) name = wishes.models + name.substr(kMount.size());
  return ModelOutline::read(models, name);
}

// A file that pods read from this very machine.
bool lies_here(const cluster::ClusterWishes& wishes) {
  return wishes.kubeconfig.empty() && wishes.model.starts_with('/');
}

}  // namespace

Status check_pod_plan(const cluster::ClusterWishes& wishes, const cluster::PodMemory& memory,
                      const Environment& environment) {
  ModelOptions options;
  options.model = wishes.model;
  options.n_ctx = wishes.context;
  options.n_slots = wishes.parallel;
  options.kv = wishes.kv;
  SAMOVAR_ASSIGN(const kernels::KvType kv, kv_type_of(options));
  const auto outline = outline_for_pod(wishes, environment);
  if (!outline.ok()) {
    if (lies_here(wishes)) return outline.status();
    fmt::print(stderr, "note: whether it fits into the pod can't be told yet: {}\n",
               outline.status().message());
    return {};
  }
  const plan::MachineFacts pod{static_cast<uint64_t>(memory.limit_mib) << 20,
                               static_cast<uint64_t>(memory.swap_mib) << 20};
  SAMOVAR_ASSIGN(const plan::Plan plan, outline->lay_out(options, kv, pod));
  if (plan.fits()) return {};
  return resource_exhausted(fmt::format(
      "{} does not fit into the pod: {} (`samovar plan {} --memory {}M` tells what would)",
      wishes.model, plan.summary(), wishes.model, memory.limit_mib));
}

}  // namespace samovar::cli
