#include "api/sampling_keys.h"

#include "api/sampling_fields.h"
#include "json/json.h"

#include <algorithm>
#include <array>
#include <optional>
#include <variant>

#include <fmt/format.h>

namespace samovar::api {

struct SamplingKey {
  std::string_view name;
  std::variant<float sample::Params::*, int32_t sample::Params::*> member;
  double min, max;
};

namespace {

using sample::Params;

constexpr std::string_view kPrefix = "general.sampling.";
constexpr std::string_view kSequence = "sequence";

// -1 stands for "all" where a count is meant, as in llama.cpp.
constexpr std::array kNumbers = {
    SamplingKey{"temp", &Params::temperature, 0, 1e6},
    SamplingKey{"top_k", &Params::top_k, -1, kMaxInt},
    SamplingKey{"top_p", &Params::top_p, 0, 1},
    SamplingKey{"min_p", &Params::min_p, 0, 1},
    SamplingKey{"xtc_probability", &Params::xtc_probability, 0, 1},
    SamplingKey{"xtc_threshold", &Params::xtc_threshold, 0, 1},
    SamplingKey{"penalty_last_n", &Params::repeat_last_n, -1, kMaxPenaltyWindow},
    SamplingKey{"penalty_repeat", &Params::repeat_penalty, 1e-6, 1e6},
    SamplingKey{"mirostat", &Params::mirostat, 0, 2},
    SamplingKey{"mirostat_tau", &Params::mirostat_tau, 0, 1e6},
    SamplingKey{"mirostat_eta", &Params::mirostat_eta, 0, 1e6},
};

void put(const SamplingKey& key, double number, Params& params) {
  if (const auto* real = std::get_if<float Params::*>(&key.member)) {
    params.*(*real) = static_cast<float>(number);
    return;
  }
  const bool all = number < 0;
  if (all) number = key.max == kMaxPenaltyWindow ? kMaxPenaltyWindow : 0;
  params.*std::get<int32_t Params::*>(key.member) = static_cast<int32_t>(number);
}

Result<std::optional<double>> read_number(const gguf::File& file, const SamplingKey& key) {
  const std::string name = std::string(kPrefix) + std::string(key.name);
  const gguf::Value* value = file.find(name);
  if (value == nullptr) return std::optional<double>();
  const auto number = value->as_float();
  if (!number || !(*number >= key.min && *number <= key.max)) {
    return corrupt(fmt::format(
        "{}: expected a number from {} to {}, found {}", name, key.min, key.max,
        number ? fmt::format("{}", *number) : std::string(gguf::value_type_name(value->type()))));
  }
  return number;
}

// Names with semicolons between; unknown ones are skipped, as in requests.
std::vector<sample::Step> steps_of(std::string_view names) {
  std::vector<sample::Step> out;
  while (!names.empty()) {
    const std::string_view name = names.substr(0, names.find(';'));
    names.remove_prefix(std::min(names.size(), name.size() + 1));
    for (const StepName& known : kStepNames) {
      if (known.name == name) out.push_back(known.step);
    }
  }
  return out;
}

}  // namespace

Result<SamplingKeys> SamplingKeys::from_gguf(const gguf::File& file) {
  SamplingKeys keys;
  for (const SamplingKey& key : kNumbers) {
    SAMOVAR_ASSIGN(const std::optional<double> number, read_number(file, key));
    if (number) keys.numbers_.emplace_back(&key, *number);
  }
  SAMOVAR_ASSIGN(const std::string_view names,
                 file.get_string(std::string(kPrefix) + std::string(kSequence), ""));
  keys.steps_ = steps_of(names);
  return keys;
}

void SamplingKeys::apply(std::span<const std::string> but_not, Params& params) const {
  for (const auto& [key, number] : numbers_) {
    const bool given = std::find(but_not.begin(), but_not.end(), key->name) != but_not.end();
    if (!given) put(*key, number, params);
  }
  if (!steps_.empty()) params.steps = steps_;
}

json::Value SamplingKeys::to_json() const {
  json::Value out = json::Value::object();
  for (const auto& [key, number] : numbers_) {
    const bool whole = std::holds_alternative<int32_t Params::*>(key->member);
    json::Value& value = out[std::string(key->name)];
    if (whole) {
      value = static_cast<int64_t>(number);
    } else {
      value = number;
    }
  }
  if (!steps_.empty()) out[std::string(kSequence)] = step_names(steps_);
  return out;
}

}  // namespace samovar::api
