#include "api/logit_bias_field.h"

#include "json/json.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace samovar::api {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLargest = 3.0e38;  // inside float's range

// Token ids that a logit_bias key means: an id, or all pieces of a text.
std::vector<int32_t> bias_tokens(const json::Value& key, const tokenizer::Tokenizer& tokenizer) {
  const auto n_vocab = static_cast<int64_t>(tokenizer.vocabulary().size());
  if (key.is_number_integer()) {
    const auto id = key.get<int64_t>();
    if (id < 0 || id >= n_vocab) return {};
    return {static_cast<int32_t>(id)};
  }
  if (!key.is_string()) return {};
  const auto& text = key.get_ref<const std::string&>();
  int64_t id = -1;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), id);
  if (parsed.ec == std::errc() && parsed.ptr == text.data() + text.size()) {
    return bias_tokens(json::Value(id), tokenizer);
  }
  return tokenizer.encode(text, {});
}

void add_bias(const json::Value& key, const json::Value& value,
              const tokenizer::Tokenizer& tokenizer, sample::Params& sampling) {
  double bias = 0;
  if (value.is_boolean() && !value.get<bool>()) {
    bias = -kInfinity;
  } else if (value.is_number()) {
    bias = value.get<double>();
  } else {
    return;  // bad entries are skipped, as clients expect of this field
  }
  bias = bias <= -100 ? -kInfinity : std::min(bias, kLargest);
  for (const int32_t token : bias_tokens(key, tokenizer)) {
    sampling.logit_bias.emplace_back(token, static_cast<float>(bias));
  }
}

// One entry for a token, so that the work of a step is bounded by the vocabulary.
void merge(std::vector<std::pair<int32_t, float>>& biases) {
  std::stable_sort(biases.begin(), biases.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  size_t n_kept = 0;
  for (const auto& [token, bias] : biases) {
    if (n_kept > 0 && biases[n_kept - 1].first == token) {
      float& sum = biases[n_kept - 1].second;
      sum = static_cast<float>(std::min(static_cast<double>(sum) + bias, kLargest));
    } else {
      biases[n_kept++] = {token, bias};
    }
  }
  biases.resize(n_kept);
}

}  // namespace

void read_logit_bias(Fields& fields, const tokenizer::Tokenizer& tokenizer,
                     sample::Params& sampling) {
  const json::Value* bias = fields.find("logit_bias");
  if (bias == nullptr) return;
  if (bias->is_object()) {
    for (const auto& [key, value] : bias->items())
      add_bias(json::Value(key), value, tokenizer, sampling);
  } else if (bias->is_array()) {
    for (const json::Value& pair : *bias) {
      if (pair.is_array() && pair.size() == 2) add_bias(pair[0], pair[1], tokenizer, sampling);
    }
  } else {
    fields.fail_type("logit_bias", "an object or an array of pairs", *bias);
  }
  merge(sampling.logit_bias);
}

void ban_end_of_generation(const tokenizer::Vocabulary& vocabulary, sample::Params& params) {
  for (const tokenizer::Token token : vocabulary.end_of_generation()) {
    params.logit_bias.emplace_back(token, static_cast<float>(-kInfinity));
  }
  merge(params.logit_bias);
}

}  // namespace samovar::api
