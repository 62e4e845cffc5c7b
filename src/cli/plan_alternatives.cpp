#include "cli/plan_alternatives.h"

#include "cli/repository_files.h"
#include "store/model_name.h"

#include <algorithm>
#include <optional>
#include <variant>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

// Below this a chat is of no use.
constexpr int64_t kLeastContext = 512;

class Search {
 public:
  Search(const store::Store& models, const ModelOutline& outline, const ModelOptions& options,
         const plan::MachineFacts& machine)
      : models_(models), outline_(outline), options_(options), machine_(machine) {}

  std::vector<Alternative> run(kernels::KvType kv) {
    const bool smaller_kv = kv != kernels::KvType::kQ8_0;
    if (smaller_kv) try_same(kernels::KvType::kQ8_0, " --kv q8_0");
    try_context(kv, "");
    if (smaller_kv) try_context(kernels::KvType::kQ8_0, " --kv q8_0");
    try_repository(kv);
    try_catalog(kv);
    return std::move(found_);
  }

 private:
  std::optional<plan::Plan> fit(const ModelOutline& outline, ModelOptions options,
                                kernels::KvType kv) const {
    const plan::ModelFacts facts = outline.plan_facts(options, kv);
    if (facts.n_ctx_train > 0) options.n_ctx = std::min(options.n_ctx, facts.n_ctx_train);
    auto plan = plan::make_plan(facts, machine_, plan_wishes(options, facts.n_ctx_train));
    return plan.ok() ? std::optional(*plan) : std::nullopt;
  }

  void add(std::string change, const plan::Plan& plan) {
    const uint64_t left = plan.usable_bytes - std::min(plan.usable_bytes, plan.total_bytes());
    found_.push_back({std::move(change), fmt::format("{} tokens of context, {} would be left",
                                                     plan.n_ctx, mebibytes(left))});
  }

  void try_same(kernels::KvType kv, std::string_view flag) {
    if (const auto plan = fit(outline_, options_, kv)) add(std::string(flag.substr(1)), *plan);
  }

  void try_context(kernels::KvType kv, std::string_view flag) {
    ModelOptions options = options_;
    options.n_cache_tokens = 0;
    const plan::ModelFacts facts = outline_.plan_facts(options, kv);
    options.n_ctx = plan::largest_context(facts, machine_, plan_wishes(options, facts.n_ctx_train));
    const bool is_smaller = options_.n_ctx == 0 || options.n_ctx < options_.n_ctx;
    if (options.n_ctx < kLeastContext || !is_smaller) return;
    if (const auto plan = fit(outline_, options, kv)) {
      add(fmt::format("--ctx-size {}{}", options.n_ctx, flag), *plan);
    }
  }

  // RETURNS whether the model of that name is one that fits.
  bool try_model(const std::string& name, kernels::KvType kv) {
    const auto other = ModelOutline::read(models_, name);
    if (!other.ok() || other->facts().size_bytes >= outline_.facts().size_bytes) return false;
    const auto plan = fit(*other, options_, kv);
    if (plan) add(name, *plan);
    return plan.has_value();
  }

  // The model's own repository, and what is said of its quantization ("Q4_K_M", "x-q8_0.gguf").
  struct Home {
    std::string repo, said;
  };
  std::optional<Home> home() const {
    const auto name = store::parse_model_name(outline_.name());
    if (!name.ok()) return std::nullopt;
    if (name->kind == store::ModelName::Kind::kHub) return Home{name->name, name->tag};
    if (name->kind != store::ModelName::Kind::kCatalog) return std::nullopt;
    const store::CatalogEntry* const entry = models_.catalog().find(name->name);
    if (entry == nullptr) return std::nullopt;
    for (const store::Source& source : entry->sources) {
      const auto* const hub = std::get_if<store::HubSource>(&source);
      if (hub != nullptr) return Home{hub->repo, hub->file.empty() ? hub->quant : hub->file};
    }
    return std::nullopt;
  }

  void try_repository(kernels::KvType kv) {
    const auto own = home();
    if (!own || models_.options().offline) return;
    const auto files = repository_files(models_.options(), own->repo);
    if (!files.ok()) return;
    const std::string said = quantization_in(own->said);
    const int bits = plan::quantization_bits(said.empty() ? outline_.facts().quantization : said);
    for (const RepositoryFile& file : *files) {
      if (file.bits < bits && try_model(file.name, kv)) return;
    }
  }

  void try_catalog(kernels::KvType kv) {
    std::vector<const store::CatalogEntry*> entries;
    for (const store::CatalogEntry& entry : models_.catalog().entries()) {
      if (entry.size_bytes && *entry.size_bytes < outline_.facts().size_bytes) {
        entries.push_back(&entry);
      }
    }
    std::sort(entries.begin(), entries.end(),
              [](const auto* a, const auto* b) { return *a->size_bytes > *b->size_bytes; });
    for (const store::CatalogEntry* entry : entries) {
      if (try_model(entry->name, kv)) return;
    }
  }

  const store::Store& models_;
  const ModelOutline& outline_;
  const ModelOptions& options_;
  const plan::MachineFacts& machine_;
  std::vector<Alternative> found_;
};

}  // namespace

std::vector<Alternative> plan_alternatives(const store::Store& models, const ModelOutline& outline,
                                           const ModelOptions& options, kernels::KvType kv,
                                           const plan::MachineFacts& machine) {
  return Search(models, outline, options, machine).run(kv);
}

}  // namespace samovar::cli
