#include "api/sampling_fields.h"

#include "json/json.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <random>

#include <fmt/format.h>

namespace samovar::api {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr double kLargest = 3.0e38;  // inside float's range
constexpr int64_t kMaxInt = std::numeric_limits<int32_t>::max();
constexpr size_t kMaxStopBytes = size_t{64} << 10;
constexpr int64_t kRandomSeed = 4294967295;  // as -1: peers' way to say "any"

uint64_t random_seed() {
  std::random_device device;
  return device();
}

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
      biases[n_kept - 1].second += bias;
    } else {
      biases[n_kept++] = {token, bias};
    }
  }
  biases.resize(n_kept);
}

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

void read_sampling(Fields& fields, sample::Params& p) {
  const auto number = [&](std::string_view name, float fallback, double min, double max,
                          Range range) {
    return static_cast<float>(fields.number(name, static_cast<double>(fallback), min, max, range));
  };
  const auto integer = [&](std::string_view name, int32_t fallback, int64_t max, Range range) {
    return static_cast<int32_t>(fields.integer(name, fallback, 0, max, range));
  };
  p.temperature = number("temperature", p.temperature, 0, kLargest, Range::kClamp);
  p.top_p = number("top_p", p.top_p, 0, 1, Range::kClamp);
  p.min_p = number("min_p", p.min_p, 0, 1, Range::kClamp);
  p.typical_p = number("typical_p", p.typical_p, 0, 1, Range::kClamp);
  p.top_k = integer("top_k", p.top_k, kMaxInt, Range::kClamp);
  p.repeat_last_n = integer("repeat_last_n", p.repeat_last_n, 1 << 20, Range::kReject);
  p.repeat_penalty = number("repeat_penalty", p.repeat_penalty, 1e-6, 1e6, Range::kReject);
  p.presence_penalty = number("presence_penalty", p.presence_penalty, -1e6, 1e6, Range::kReject);
  p.frequency_penalty = number("frequency_penalty", p.frequency_penalty, -1e6, 1e6, Range::kReject);
  const int64_t seed = fields.integer("seed", -1, std::numeric_limits<int64_t>::min(),
                                      std::numeric_limits<int64_t>::max());
  p.seed =
      seed == -1 || seed == kRandomSeed ? random_seed() : static_cast<uint64_t>(seed) & 0xFFFFFFFFU;
}

int64_t read_max_tokens(Fields& fields, int64_t limit) {
  int64_t wished = -1;
  // The last name wins: n_predict over max_completion_tokens over max_tokens.
  for (const char* name : {"max_tokens", "max_completion_tokens", "n_predict"}) {
    wished = fields.integer(name, wished, -1, kMaxInt);
  }
  if (wished < 0) return limit;
  return limit < 0 ? wished : std::min(wished, limit);
}

std::vector<std::string> read_stop(Fields& fields, const std::vector<std::string>& fallback) {
  std::vector<std::string> stop = fields.strings("stop");
  std::erase_if(stop, [](const std::string& text) { return text.empty(); });
  size_t n_bytes = 0;
  for (const std::string& text : stop) n_bytes += text.size();
  if (n_bytes > kMaxStopBytes) {
    fields.fail(bad_field(
        "stop", "invalid_value",
        fmt::format("`stop` holds {} bytes in all, the limit is {}", n_bytes, kMaxStopBytes)));
  }
  return stop.empty() ? fallback : stop;
}

void refuse_unbuilt(Fields& fields) {
  fields.integer("n", 1, 1, 1);
  fields.integer("best_of", 1, 1, 1);
  const json::Value* logprobs = fields.find("logprobs");
  const bool wants =
      logprobs != nullptr && *logprobs != json::Value(false) && *logprobs != json::Value(0);
  if (wants || fields.integer("top_logprobs", 0, 0, kMaxInt) > 0) {
    fields.fail(unsupported_parameter("logprobs", "`logprobs` is not supported yet"));
  }
}

}  // namespace

GenerationFields read_generation_fields(Fields& fields, const GenerationDefaults& defaults,
                                        const tokenizer::Tokenizer& tokenizer) {
  GenerationFields out;
  out.sampling = defaults.sampling;
  read_sampling(fields, out.sampling);
  read_logit_bias(fields, tokenizer, out.sampling);
  out.max_tokens = read_max_tokens(fields, defaults.max_tokens);
  out.stop = read_stop(fields, defaults.stop);
  out.ignore_end = fields.boolean("ignore_eos", false);
  out.stream = fields.boolean("stream", false);
  refuse_unbuilt(fields);
  if (const json::Value* options = fields.find("stream_options")) {
    if (options->is_object()) {
      Fields inner(*options, "stream_options.");
      out.include_usage = inner.boolean("include_usage", false);
      if (inner.error()) fields.fail(*inner.error());
    } else {
      fields.fail_type("stream_options", "an object", *options);
    }
  }
  return out;
}

}  // namespace samovar::api
