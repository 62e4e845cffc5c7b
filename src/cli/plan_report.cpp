#include "cli/plan_report.h"

#include "cli/output.h"
#include "json/json.h"

#include <fmt/format.h>

namespace samovar::cli {
namespace {

std::string line(std::string_view name, uint64_t bytes, const std::string& note) {
  return fmt::format("{:<14} {:>10}  {}\n", name, mebibytes(bytes), note);
}

std::string origin(const PlanReport& report) {
  const store::ModelHeader& header = report.outline->header();
  const std::string size = human_bytes(report.outline->facts().size_bytes);
  if (header.is_here()) return fmt::format("{}, {}", header.source, size);
  return fmt::format("{}, {}, not on this machine: {} of it were fetched", header.source, size,
                     human_bytes(header.fetched_bytes));
}

std::string usable_note(const PlanReport& report) {
  if (!report.memory) return "as --memory says";
  const sys::MachineMemory& memory = *report.memory;
  std::string note = fmt::format("free, of {}", mebibytes(memory.total_bytes));
  if (memory.cgroup_limit_bytes) {
    note += fmt::format("; the cgroup's limit is {}", mebibytes(*memory.cgroup_limit_bytes));
  }
  return note;
}

std::string verdict(const PlanReport& report) {
  const plan::Plan& plan = report.plan;
  if (plan.fits() && plan.swapped_bytes() == 0) {
    return fmt::format("It fits; {} are left.\n",
                       mebibytes(plan.usable_bytes - plan.total_bytes()));
  }
  if (plan.fits()) {
    return fmt::format(
        "It fits with {} of the KV cache in swap: fine for contexts that rest, slow for those at "
        "work.\n",
        mebibytes(plan.swapped_bytes()));
  }
  std::string text =
      fmt::format("It does not fit: {} are missing.\n", mebibytes(plan.swapped_bytes()));
  if (report.alternatives.empty()) return text + "No smaller context or model is known to fit.\n";
  text += "What would fit:\n";
  for (const Alternative& other : report.alternatives) {
    text += fmt::format("  {:<34}  {}\n", other.change, other.effect);
  }
  return text;
}

}  // namespace

std::string mebibytes(uint64_t bytes) {
  constexpr uint64_t kMiB = uint64_t{1} << 20;
  return fmt::format("{} MiB", (bytes + kMiB / 2) / kMiB);
}

std::string plan_text(const PlanReport& report) {
  const plan::Plan& plan = report.plan;
  const model::ModelFacts& facts = report.outline->facts();
  std::string text = fmt::format(
      "{}: {} parameters, {}, {}\n{}\n{} slot{} of up to {} tokens, {} in all, KV cache of {}\n\n",
      report.outline->name(), human_count(facts.n_parameters), facts.quantization,
      fmt::format("{} tokens of context in training", facts.n_ctx), origin(report), plan.n_slots,
      plan.n_slots == 1 ? "" : "s", plan.n_ctx, plan.n_cache_tokens, report.kv);
  for (const plan::LedgerLine& part : plan.ledger()) text += line(part.name, part.bytes, part.note);
  text += line("all", plan.total_bytes(), "at its peak");
  text += line("usable", plan.usable_bytes, usable_note(report));
  if (plan.swap_bytes > 0) {
    text += line("swap", plan.swap_bytes, "for pages of the KV cache only, never for weights");
  }
  text += line(
      "rule of thumb", report.outline->rule_of_thumb_bytes(),
      fmt::format("parameters x 4 B x 1.2 x {} / 32", plan::quantization_bits(facts.quantization)));
  return text + "\n" + verdict(report);
}

json::Value plan_json(const PlanReport& report) {
  const plan::Plan& plan = report.plan;
  const model::ModelFacts& facts = report.outline->facts();
  json::Value ledger = json::Value::array();
  for (const plan::LedgerLine& part : plan.ledger()) {
    ledger.push_back({{"name", part.name}, {"bytes", part.bytes}, {"note", part.note}});
  }
  json::Value alternatives = json::Value::array();
  for (const Alternative& other : report.alternatives) {
    alternatives.push_back({{"change", other.change}, {"effect", other.effect}});
  }
  return {{"model", report.outline->name()},
          {"source", report.outline->header().source},
          {"is_here", report.outline->header().is_here()},
          {"fetched_bytes", report.outline->header().fetched_bytes},
          {"parameters", facts.n_parameters},
          {"quantization", facts.quantization},
          {"context_length", facts.n_ctx},
          {"vocabulary", facts.n_vocab},
          {"kv", report.kv},
          {"context", plan.n_ctx},
          {"slots", plan.n_slots},
          {"cache_tokens", plan.n_cache_tokens},
          {"ledger", std::move(ledger)},
          {"hot_bytes", plan.hot_bytes},
          {"anonymous_bytes", plan.anonymous_bytes()},
          {"total_bytes", plan.total_bytes()},
          {"usable_bytes", plan.usable_bytes},
          {"swap_bytes", plan.swap_bytes},
          {"swapped_bytes", plan.swapped_bytes()},
          {"rule_of_thumb_bytes", report.outline->rule_of_thumb_bytes()},
          {"fits", plan.fits()},
          {"alternatives", std::move(alternatives)}};
}

}  // namespace samovar::cli
