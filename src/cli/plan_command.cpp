// samovar plan: what a model will take of this machine's memory, and whether it fits.
// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/model_outline.h"
#include "cli/output.h"
#include "cli/plan_alternatives.h"
#include "cli/plan_report.h"
#include "cli/serve_models.h"
#include "json/json.h"

#include <fmt/format.h>

namespace samovar::cli {
namespace {

class PlanCommand final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add_required("model", &options_.model,
                       "a name or a path; of a model that is not here only the header is fetched");
    flags.add("--memory", &memory_, "usable memory of another machine, as 8G; 0: of this one");
    declare_context_flags(flags, options_);
    flags.add("--ctx", &options_.n_ctx, "the same as --ctx-size");
    declare_slot_flags(flags, n_slots_, options_);
    declare_kv_flags(flags, options_);
    flags.add("--json", &json_, "one JSON object");
    flags.add("--check", &check_, "fail, with the ledger, where it does not fit");
  }

  Status run(const Environment& environment) override {
    SAMOVAR_TRY(settle_slots(n_slots_, options_));
    SAMOVAR_ASSIGN(options_.memory_bytes, parse_bytes(memory_));
    SAMOVAR_ASSIGN(const kernels::KvType kv, kv_type_of(options_));
    SAMOVAR_ASSIGN(const store::Store models, store::Store::open(store_options(environment)));
    SAMOVAR_ASSIGN(const ModelOutline outline, ModelOutline::read(models, options_.model));

    PlanReport report{.outline = &outline, .plan = {}, .kv = kv_name(kv), .memory = {}};
    plan::MachineFacts machine{options_.memory_bytes, 0};
    if (options_.memory_bytes == 0) {
      machine = machine_facts(0);
      report.memory = sys::machine_memory();
    }
    options_.http_bytes = plan::http_budget_bytes(machine.usable_bytes);
    SAMOVAR_ASSIGN(report.plan, outline.lay_out(options_, kv, machine));
    if (!report.plan.fits()) {
      report.alternatives = plan_alternatives(models, outline, options_, kv, machine);
    }
    return tell(report);
  }

 private:
  Status tell(const PlanReport& report) const {
    if (json_) SAMOVAR_TRY(write_stdout(json::dump(plan_json(report)) + "\n"));
    if (check_ && !report.plan.fits()) return resource_exhausted(plan_text(report));
    if (json_) return {};
    return write_stdout(check_ ? report.plan.summary() + "\n" : plan_text(report));
  }

  ModelOptions options_;
  int64_t n_slots_ = 0;
  std::string memory_ = "0";
  bool json_ = false, check_ = false;
};

}  // namespace

std::unique_ptr<Command> make_plan() {
  return std::make_unique<PlanCommand>();
}

}  // namespace samovar::cli
