#include "cli/model_outline.h"

#include "engine/plan_facts.h"

namespace samovar::cli {

Result<ModelOutline> ModelOutline::read(const store::Store& models, const std::string& name) {
  SAMOVAR_ASSIGN(store::ModelHeader header, store::read_header(models, name));
  ModelOutline outline(name, std::move(header));
  if (Status status = outline.read_facts(); !status.ok()) return status.with_context(name);
  return outline;
}

Status ModelOutline::read_facts() {
  const gguf::File& file = header_.file;
  SAMOVAR_ASSIGN(facts_, model::model_facts(file));
  SAMOVAR_ASSIGN(config_, model::ModelConfig::from_gguf(file));
  SAMOVAR_ASSIGN(const model::Weights weights, model::Weights::bind(file, config_));
  hot_bytes_ = model::bytes_per_token(file, weights);
  macs_ = model::row_macs(weights);
  return {};
}

plan::ModelFacts ModelOutline::plan_facts(const ModelOptions& options, kernels::KvType kv) const {
  return engine::plan_facts(name_, header_.file, config_, hot_bytes_, engine_options(options, kv));
}

Result<plan::Plan> ModelOutline::lay_out(ModelOptions options, kernels::KvType kv,
                                         const plan::MachineFacts& machine) const {
  if (options.http_bytes == 0) options.http_bytes = plan::http_budget_bytes(machine.usable_bytes);
  const plan::ModelFacts facts = plan_facts(options, kv);
  return plan::lay_out(facts, machine, plan_wishes(options, facts.n_ctx_train));
}

uint64_t ModelOutline::rule_of_thumb_bytes() const {
  return plan::rule_of_thumb_bytes(facts_.n_parameters,
                                   plan::quantization_bits(facts_.quantization));
}

}  // namespace samovar::cli
