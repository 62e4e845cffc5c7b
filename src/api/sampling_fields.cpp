#include "api/sampling_fields.h"

#include "api/logit_bias_field.h"
#include "json/json.h"

#include <algorithm>

namespace samovar::api {
namespace {

constexpr double kLargest = 3.0e38;  // inside float's range

// Reads members of sample::Params: their C++ types, and the API's bounds.
class ParamReader {
 public:
  explicit ParamReader(Fields& fields) : fields_(fields) {}
  void number(std::string_view name, float& value, double min, double max, Range range) {
    value = static_cast<float>(fields_.number(name, static_cast<double>(value), min, max, range));
  }
  void integer(std::string_view name, int32_t& value, int64_t max, Range range) {
    value = static_cast<int32_t>(fields_.integer(name, value, 0, max, range));
  }
  // Tokens to look back; -1: all there are.
  void window(std::string_view name, int32_t& value) {
    const int64_t wished = fields_.integer(name, value, -1, kMaxPenaltyWindow, Range::kReject);
    value = static_cast<int32_t>(wished < 0 ? kMaxPenaltyWindow : wished);
  }

 private:
  Fields& fields_;
};

void read_dry(Fields& fields, const tokenizer::Tokenizer& tokenizer, sample::Params& p,
              std::vector<std::string>& breakers) {
  ParamReader reader(fields);
  reader.number("dry_multiplier", p.dry_multiplier, 0, 1e6, Range::kReject);
  reader.number("dry_base", p.dry_base, -kLargest, 1e6, Range::kReject);
  if (p.dry_base < 1) p.dry_base = sample::Params().dry_base;
  reader.integer("dry_allowed_length", p.dry_allowed_length, kMaxInt, Range::kReject);
  reader.window("dry_penalty_last_n", p.dry_last_n);
  if (const json::Value* given = fields.find("dry_sequence_breakers")) {
    if (!given->is_array()) {
      fields.fail_type("dry_sequence_breakers", "an array of strings", *given);
    } else if (given->empty()) {
      fields.fail(bad_field("dry_sequence_breakers", "invalid_value",
                            "`dry_sequence_breakers` must not be empty"));
    }
    breakers = fields.strings("dry_sequence_breakers");
  }
  if (p.dry_multiplier <= 0) return;
  // The last token of the breaker behind a letter, as the source of DRY has it.
  for (const std::string& text : breakers) {
    const std::vector<int32_t> tokens = tokenizer.encode("a" + text, {});
    if (!tokens.empty()) p.dry_breakers.push_back(tokens.back());
  }
  std::sort(p.dry_breakers.begin(), p.dry_breakers.end());
}

// Names or llama-server's letters; unknown ones are skipped, as there.
void read_steps(Fields& fields, std::vector<sample::Step>& steps) {
  const json::Value* given = fields.find("samplers");
  if (given == nullptr) return;
  std::vector<sample::Step> out;
  const auto add_if = [&](auto matches) {
    for (const StepName& known : kStepNames) {
      const bool taken = std::find(out.begin(), out.end(), known.step) != out.end();
      if (matches(known) && !taken) out.push_back(known.step);
    }
  };
  if (given->is_string()) {
    for (const char letter : given->get_ref<const std::string&>())
      add_if([&](const StepName& known) { return known.letter == letter; });
  } else {
    for (const std::string& name : fields.strings("samplers"))
      add_if([&](const StepName& known) { return known.name == name; });
  }
  steps = std::move(out);
}

}  // namespace

json::Value step_names(const std::vector<sample::Step>& steps) {
  json::Value names = json::Value::array();
  for (const sample::Step step : steps) {
    for (const StepName& known : kStepNames) {
      if (known.step == step) names.push_back(known.name);
    }
  }
  return names;
}

std::vector<std::string> default_dry_breakers() {
  return {"\n", ":", "\"", "*"};
}

void read_sampling_fields(Fields& fields, const tokenizer::Tokenizer& tokenizer, sample::Params& p,
                          std::vector<std::string>& dry_breakers) {
  ParamReader reader(fields);
  reader.number("temperature", p.temperature, 0, kLargest, Range::kClamp);
  reader.number("dynatemp_range", p.dynatemp_range, 0, kLargest, Range::kClamp);
  reader.number("dynatemp_exponent", p.dynatemp_exponent, 0, 1e6, Range::kClamp);
  reader.number("top_p", p.top_p, 0, 1, Range::kClamp);
  reader.number("min_p", p.min_p, 0, 1, Range::kClamp);
  reader.number("typical_p", p.typical_p, 0, 1, Range::kClamp);
  reader.number("top_n_sigma", p.top_n_sigma, -1, kLargest, Range::kClamp);
  reader.number("xtc_probability", p.xtc_probability, 0, 1, Range::kClamp);
  reader.number("xtc_threshold", p.xtc_threshold, 0, 1, Range::kClamp);
  reader.integer("top_k", p.top_k, kMaxInt, Range::kClamp);
  reader.integer("min_keep", p.min_keep, kMaxInt, Range::kReject);
  reader.window("repeat_last_n", p.repeat_last_n);
  reader.number("repeat_penalty", p.repeat_penalty, 1e-6, 1e6, Range::kReject);
  reader.number("presence_penalty", p.presence_penalty, -1e6, 1e6, Range::kReject);
  reader.number("frequency_penalty", p.frequency_penalty, -1e6, 1e6, Range::kReject);
  reader.integer("mirostat_mode", p.mirostat, 2, Range::kClamp);  // llama-cpp-python's name
  reader.integer("mirostat", p.mirostat, 2, Range::kClamp);
  reader.number("mirostat_tau", p.mirostat_tau, 0, 1e6, Range::kClamp);
  reader.number("mirostat_eta", p.mirostat_eta, 0, 1e6, Range::kClamp);
  read_dry(fields, tokenizer, p, dry_breakers);
  read_steps(fields, p.steps);
  read_logit_bias(fields, tokenizer, p);
}

}  // namespace samovar::api
