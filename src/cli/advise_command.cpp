// samovar advise: which models this machine has room for, and how fast they will be.
// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/isa_choice.h"
#include "cli/model_outline.h"
#include "cli/output.h"
#include "cli/plan_report.h"
#include "cli/repository_files.h"
#include "cli/serve_models.h"
#include "engine/ceilings.h"
#include "json/json.h"
#include "kernels/select.h"
#include "plan/forecast.h"
#include "store/model_name.h"
#include "sys/cpu.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

// A model that could be served here.
struct Candidate {
  std::string name;
  std::optional<ModelOutline> outline;  // nothing: `problem` says why
  std::string problem;
  uint64_t size_bytes = 0;  // of its file; 0: not known
  plan::Plan plan;
  int64_t largest_context = 0;  // of one sequence; 0: it does not fit
  plan::Forecast forecast;

  bool fits() const { return outline && plan.fits(); }
};

class Advise final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add("model", &names_,
              "what to compare: names, files, or a Hugging Face repository with all of its files; "
              "the catalog if none");
    flags.add("--memory", &memory_, "usable memory of another machine, as 8G; 0: of this one");
    flags.add("-t,--threads", &threads_, "compute threads; 0: physical cores inside the CPU quota");
    declare_context_flags(flags, options_);
    flags.add("--kv", &options_.kv, kKvHelp);
    flags.add("--json", &json_, "one JSON object");
  }

  Status run(const Environment& environment) override {
    SAMOVAR_ASSIGN(options_.memory_bytes, parse_bytes(memory_));
    SAMOVAR_ASSIGN(kv_, parse_kv_type(options_.kv));
    if (options_.n_ctx == 0) options_.n_ctx = kUsualContext;
    machine_ =
        options_.memory_bytes > 0 ? plan::MachineFacts{options_.memory_bytes, 0} : machine_facts(0);
    options_.http_bytes = plan::http_budget_bytes(machine_.usable_bytes);
    SAMOVAR_TRY(measure(environment));
    SAMOVAR_ASSIGN(const store::Store models, store::Store::open(store_options(environment)));
    SAMOVAR_ASSIGN(const std::vector<std::string> names, candidates(models));
    std::vector<Candidate> found;
    for (const std::string& name : names) {
      SAMOVAR_ASSIGN(Candidate candidate, judge(models, name));
      found.push_back(std::move(candidate));
    }
    std::stable_sort(found.begin(), found.end(), [](const Candidate& a, const Candidate& b) {
      return a.size_bytes > b.size_bytes;
    });
    return write_stdout(json_ ? json::dump(to_json(found)) + "\n" : to_text(found));
  }

 private:
  static constexpr int64_t kUsualContext = 4096;
  static constexpr uint64_t kReadBytes = uint64_t{256} << 20;  // more than caches hold
  static constexpr double kFluent = 8;  // tokens per second: a little above the speed of reading

  Status measure(const Environment& environment) {
    SAMOVAR_ASSIGN(n_threads_, resolve_threads(threads_));
    SAMOVAR_ASSIGN(const sys::Isa isa, chosen_isa(environment));
    ThreadPool pool(n_threads_);
    const uint64_t n_bytes = std::min(kReadBytes, sys::machine_memory().usable_bytes() / 4);
    SAMOVAR_ASSIGN(const engine::Ceilings ceilings,
                   engine::measure_machine(n_bytes, kernels::select(isa), pool));
    speed_ = {ceilings.bytes_per_second, ceilings.macs_per_second};
    return {};
  }

  Result<std::vector<std::string>> candidates(const store::Store& models) const {
    std::vector<std::string> names;
    if (names_.empty()) {
      for (const store::CatalogEntry& entry : models.catalog().entries()) {
        names.push_back(entry.name);
      }
    }
    for (const std::string& name : names_) {
      SAMOVAR_ASSIGN(const store::ModelName model, store::parse_model_name(name));
      if (model.kind != store::ModelName::Kind::kHub || !model.tag.empty()) {
        names.push_back(name);
        continue;
      }
      SAMOVAR_ASSIGN(const auto files, repository_files(models.options(), model.name));
      for (const RepositoryFile& file : files) names.push_back(file.name);
    }
    return names;
  }

  Result<Candidate> judge(const store::Store& models, const std::string& name) const {
    Candidate candidate{.name = name, .outline = {}, .problem = "", .plan = {}, .forecast = {}};
    auto outline = ModelOutline::read(models, name);
    if (!outline.ok()) {
      candidate.problem = outline.status().message();
      if (candidate.problem.starts_with(name + ": ")) candidate.problem.erase(0, name.size() + 2);
      if (const auto* const entry = models.catalog().find(name)) {
        candidate.size_bytes = entry->size_bytes.value_or(0);
      }
      return candidate;
    }
    candidate.size_bytes = outline->facts().size_bytes;
    const plan::ModelFacts facts = outline->plan_facts(options_, kv_);
    plan::Wishes wishes = plan_wishes(options_, facts.n_ctx_train);
    if (facts.n_ctx_train > 0) wishes.n_ctx = std::min(wishes.n_ctx, facts.n_ctx_train);
    SAMOVAR_ASSIGN(candidate.plan, plan::lay_out(facts, machine_, wishes));
    candidate.largest_context = plan::largest_context(facts, machine_, wishes);
    const double depth = static_cast<double>(candidate.plan.n_ctx) / 2;
    candidate.forecast =
        plan::forecast({.layer_macs = outline->macs().layers,
                        .logit_macs = outline->macs().logits,
                        .weight_bytes = static_cast<double>(outline->hot_bytes()),
                        .kv_bytes = engine::kv_bytes_read(outline->config(), kv_, depth)},
                       speed_);
    candidate.outline = *std::move(outline);
    return candidate;
  }

  // The largest that answers fluently, else the quickest.
  static const Candidate* best(const std::vector<Candidate>& found) {
    const Candidate* quickest = nullptr;
    for (const Candidate& candidate : found) {
      if (!candidate.fits()) continue;
      const double speed = candidate.forecast.answer_per_second;
      if (speed >= kFluent) return &candidate;
      if (quickest == nullptr || speed > quickest->forecast.answer_per_second) {
        quickest = &candidate;
      }
    }
    return quickest;
  }

  std::string to_text(const std::vector<Candidate>& found) const {
    std::string text = fmt::format(
        "{} usable, {} threads: {:.1f} GB/s read, {:.0f} GMAC/s of 8-bit integers\n"
        "one answer at a time with {} tokens of context, KV cache of {}\n\n",
        mebibytes(machine_.usable_bytes), n_threads_, speed_.bytes_per_second / 1e9,
        speed_.macs_per_second / 1e9, options_.n_ctx, options_.kv);
    std::vector<std::vector<std::string>> rows;
    for (const Candidate& candidate : found) rows.push_back(row(candidate));
    constexpr auto kRight = Column::Align::kRight;
    text += table({{"MODEL"},
                   {"FILE", kRight},
                   {"MEMORY", kRight},
                   {"PROMPT", kRight},
                   {"ANSWER", kRight},
                   {"VERDICT"}},
                  rows);
    return text + advice(found);
  }

  static std::string advice(const std::vector<Candidate>& found) {
    if (const Candidate* const choice = best(found)) {
      return fmt::format(
          "\nPROMPT and ANSWER in tokens per second.\nA good choice here: samovar run {}\n",
          choice->name);
    }
    const bool any_read = std::any_of(found.begin(), found.end(),
                                      [](const Candidate& c) { return c.outline.has_value(); });
    return any_read ? "\nNone of those whose header can be read fits here.\n"
                    : "\nNo header can be read: pull a model (samovar pull NAME), and ask again.\n";
  }

  static std::string per_second(double rate) {
    return rate > 0 ? fmt::format("{:.{}f}", rate, rate < 100 ? 1 : 0) : "?";
  }

  static std::vector<std::string> row(const Candidate& candidate) {
    const std::string size = candidate.size_bytes > 0 ? human_bytes(candidate.size_bytes) : "";
    if (!candidate.outline) return {candidate.name, size, "", "", "", candidate.problem};
    const plan::Plan& plan = candidate.plan;
    std::string verdict = fmt::format("fits, up to {} tokens", candidate.largest_context);
    if (plan.fits() && plan.swapped_bytes() > 0) {
      verdict = fmt::format("fits with {} in swap", mebibytes(plan.swapped_bytes()));
    } else if (!plan.fits()) {
      verdict = candidate.largest_context > 0
                    ? fmt::format("fits with up to {} tokens", candidate.largest_context)
                    : fmt::format("{} are missing", mebibytes(plan.swapped_bytes()));
    }
    return {candidate.name,
            size,
            mebibytes(plan.total_bytes()),
            per_second(candidate.forecast.prompt_per_second),
            per_second(candidate.forecast.answer_per_second),
            std::move(verdict)};
  }

  json::Value to_json(const std::vector<Candidate>& found) const {
    json::Value list = json::Value::array();
    for (const Candidate& candidate : found) {
      if (!candidate.outline) {
        list.push_back({{"model", candidate.name}, {"problem", candidate.problem}});
        continue;
      }
      list.push_back({{"model", candidate.name},
                      {"is_here", candidate.outline->header().is_here()},
                      {"size_bytes", candidate.size_bytes},
                      {"quantization", candidate.outline->facts().quantization},
                      {"fits", candidate.plan.fits()},
                      {"total_bytes", candidate.plan.total_bytes()},
                      {"swapped_bytes", candidate.plan.swapped_bytes()},
                      {"largest_context", candidate.largest_context},
                      {"prompt_per_second", candidate.forecast.prompt_per_second},
                      {"answer_per_second", candidate.forecast.answer_per_second}});
    }
    const Candidate* const choice = best(found);
    return {{"usable_bytes", machine_.usable_bytes},
            {"threads", n_threads_},
            {"read_bytes_per_second", speed_.bytes_per_second},
            {"peak_macs_per_second", speed_.macs_per_second},
            {"context", options_.n_ctx},
            {"kv", options_.kv},
            {"models", std::move(list)},
            {"choice", choice == nullptr ? json::Value() : json::Value(choice->name)}};
  }

  std::vector<std::string> names_;
  ModelOptions options_;
  std::string memory_ = "0";
  int64_t threads_ = 0;
  bool json_ = false;
  kernels::KvType kv_ = kernels::KvType::kI16;
  plan::MachineFacts machine_;
  plan::MachineSpeed speed_;
  int n_threads_ = 1;
};

}  // namespace

std::unique_ptr<Command> make_advise() {
  return std::make_unique<Advise>();
}

}  // namespace samovar::cli
