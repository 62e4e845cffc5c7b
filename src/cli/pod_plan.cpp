#include "cli/pod_plan.h"

#include "cli/model_outline.h"
#include "cli/output.h"
#include "store/model_name.h"

#include <filesystem>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

constexpr std::string_view kMount = "/models";  // where pods see `wishes.models`

bool is_path(const cluster::ClusterWishes& wishes) {
  return wishes.model.starts_with('/');
}

Result<store::Store> store_for_pod(const cluster::ClusterWishes& wishes,
                                   const Environment& environment) {
  store::StoreOptions options = store_options(environment);
  std::error_code none;
  if (std::filesystem::is_directory(wishes.models, none)) options.cache_dir = wishes.models;
  return store::Store::open(options);
}

// A name that nobody could fetch. The catalog counts where this program is the one that fetches.
Status check_name(const cluster::ClusterWishes& wishes, const store::Store& models) {
  if (is_path(wishes)) return {};
  SAMOVAR_ASSIGN(const store::ModelName name, store::parse_model_name(wishes.model));
  if (name.kind == store::ModelName::Kind::kPath) return cluster::unseen_path(wishes.model);
  const bool is_known =
      name.kind != store::ModelName::Kind::kCatalog || models.catalog().find(name.name) != nullptr;
  return is_known || wishes.models.empty() ? Status() : models.resolve(wishes.model).status();
}

Result<ModelOutline> outline_for_pod(const cluster::ClusterWishes& wishes,
                                     const store::Store& models) {
  return ModelOutline::read(
      models, is_path(wishes) ? wishes.models + wishes.model.substr(kMount.size()) : wishes.model);
}

// A file that pods read from this very machine.
bool lies_here(const cluster::ClusterWishes& wishes) {
  return wishes.kubeconfig.empty() && is_path(wishes);
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
  SAMOVAR_ASSIGN(const store::Store models, store_for_pod(wishes, environment));
  SAMOVAR_TRY(check_name(wishes, models));
  const auto outline = outline_for_pod(wishes, models);
  if (!outline.ok()) {
    if (lies_here(wishes)) return outline.status();
    tell("note: whether it fits into the pod can't be told yet: {}\n", outline.status().message());
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
