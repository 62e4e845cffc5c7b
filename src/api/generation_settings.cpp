#include "api/generation_settings.h"

#include "json/json.h"

#include <cmath>

namespace samovar::api {
namespace {

constexpr int64_t kRandomSeed = 4294967295;  // as peers show it

json::Value biases_json(const sample::Params& params) {
  json::Value out = json::Value::array();
  for (const auto& [token, bias] : params.logit_bias) {
    out.push_back(
        {{"bias", std::isfinite(bias) ? json::Value(bias) : json::Value()}, {"token", token}});
  }
  return out;
}

void add_sampling(const sample::Params& p, json::Value& out) {
  out["seed"] = p.seed;
  out["temperature"] = p.temperature;
  out["dynatemp_range"] = p.dynatemp_range;
  out["dynatemp_exponent"] = p.dynatemp_exponent;
  out["top_k"] = p.top_k;
  out["top_p"] = p.top_p;
  out["min_p"] = p.min_p;
  out["top_n_sigma"] = p.top_n_sigma;
  out["xtc_probability"] = p.xtc_probability;
  out["xtc_threshold"] = p.xtc_threshold;
  out["typical_p"] = p.typical_p;
  out["repeat_last_n"] = p.repeat_last_n;
  out["repeat_penalty"] = p.repeat_penalty;
  out["presence_penalty"] = p.presence_penalty;
  out["frequency_penalty"] = p.frequency_penalty;
  out["dry_multiplier"] = p.dry_multiplier;
  out["dry_base"] = p.dry_base;
  out["dry_allowed_length"] = p.dry_allowed_length;
  out["dry_penalty_last_n"] = p.dry_last_n;
  out["mirostat"] = p.mirostat;
  out["mirostat_tau"] = p.mirostat_tau;
  out["mirostat_eta"] = p.mirostat_eta;
  out["adaptive_target"] = -1.0;
  out["adaptive_decay"] = 0.9;
  out["min_keep"] = p.min_keep;
  out["samplers"] = step_names(p.steps);
}

}  // namespace

json::Value settings_json(const GenerationFields& fields, SettingsDetail detail) {
  json::Value out = json::Value::object();
  add_sampling(fields.sampling, out);
  out["max_tokens"] = fields.max_tokens;
  out["n_predict"] = fields.max_tokens;
  out["n_keep"] = fields.n_keep;
  out["n_discard"] = fields.n_discard;
  out["n_indent"] = fields.n_indent;
  out["n_cache_reuse"] = fields.n_cache_reuse;
  out["t_max_predict_ms"] = fields.t_max_predict_ms;
  out["cache_prompt"] = fields.cache_prompt;
  out["ignore_eos"] = fields.ignore_eos;
  out["stream"] = fields.stream;
  out["n_probs"] = fields.chances.n_top;
  out["post_sampling_probs"] = fields.chances.kind == sample::ChanceKind::kDrawn;
  out["timings_per_token"] = fields.timings_per_token;
  out["return_tokens"] = fields.return_tokens;
  out["return_progress"] = fields.return_progress;
  out["chat_format"] = "Content-only";
  out["reasoning_format"] = reasoning_format_name(fields.reasoning_format);
  out["reasoning_in_content"] =
      fields.stream && fields.reasoning_format == ReasoningFormat::kLegacy;
  out["generation_prompt"] = "";
  out["speculative.types"] = "none";
  out["backend_sampling"] = false;
  out["lora"] = json::Value::array();
  if (detail == SettingsDetail::kNumbers) return out;
  out["stop"] = fields.stop;
  out["dry_sequence_breakers"] = fields.dry_breakers;
  out["logit_bias"] = biases_json(fields.sampling);
  out["grammar"] = fields.gbnf;
  out["grammar_lazy"] = false;
  out["grammar_triggers"] = json::Value::array();
  out["preserved_tokens"] = json::Value::array();
  return out;
}

GenerationFields default_fields(const GenerationDefaults& defaults) {
  GenerationFields fields{.sampling = defaults.sampling,
                          .dry_breakers = default_dry_breakers(),
                          .max_tokens = defaults.max_tokens,
                          .stop = defaults.stop,
                          .n_keep = defaults.n_keep};
  fields.sampling.seed = defaults.seed ? uint64_t{*defaults.seed} : uint64_t{kRandomSeed};
  return fields;
}

}  // namespace samovar::api
