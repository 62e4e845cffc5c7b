#include "api/ollama_options.h"

#include "base/log.h"
#include "json/json.h"

#include <algorithm>
#include <array>
#include <random>

#include <fmt/format.h>

namespace samovar::api {
namespace {

enum class Kind : uint8_t { kInteger, kNumber, kBoolean, kStrings };

struct Option {
  std::string_view name;
  Kind kind;
  bool samples = false;  // one of read_sampling_fields()
};

constexpr std::array kOptions = {
    Option{"num_predict", Kind::kInteger},
    Option{"num_keep", Kind::kInteger},
    Option{"num_ctx", Kind::kInteger},
    Option{"seed", Kind::kInteger},
    Option{"stop", Kind::kStrings},
    Option{"temperature", Kind::kNumber, true},
    Option{"top_k", Kind::kInteger, true},
    Option{"top_p", Kind::kNumber, true},
    Option{"min_p", Kind::kNumber, true},
    Option{"typical_p", Kind::kNumber, true},
    Option{"repeat_last_n", Kind::kInteger, true},
    Option{"repeat_penalty", Kind::kNumber, true},
    Option{"presence_penalty", Kind::kNumber, true},
    Option{"frequency_penalty", Kind::kNumber, true},
    // Without effect here.
    Option{"num_batch", Kind::kInteger},
    Option{"num_gpu", Kind::kInteger},
    Option{"main_gpu", Kind::kInteger},
    Option{"num_thread", Kind::kInteger},
    Option{"draft_num_predict", Kind::kInteger},
    Option{"mirostat", Kind::kInteger},
    Option{"mirostat_tau", Kind::kNumber},
    Option{"mirostat_eta", Kind::kNumber},
    Option{"tfs_z", Kind::kNumber},
    Option{"penalize_newline", Kind::kBoolean},
    Option{"use_mmap", Kind::kBoolean},
    Option{"use_mlock", Kind::kBoolean},
    Option{"numa", Kind::kBoolean},
    Option{"low_vram", Kind::kBoolean},
    Option{"f16_kv", Kind::kBoolean},
};

bool has_kind(const json::Value& value, Kind kind) {
  switch (kind) {
    case Kind::kInteger:
      return as_integer(value).has_value();
    case Kind::kNumber:
      return value.is_number();
    case Kind::kBoolean:
      return value.is_boolean();
    case Kind::kStrings:
      return value.is_array() && std::all_of(value.begin(), value.end(),
                                             [](const auto& item) { return item.is_string(); });
  }
  return false;
}

std::string_view kind_name(Kind kind) {
  constexpr std::array<std::string_view, 4> kNames = {"integer", "float32", "boolean",
                                                      "array of strings"};
  return kNames[static_cast<size_t>(kind)];
}

void check_types(Fields& fields, const json::Value& options) {
  for (const auto& [name, value] : options.items()) {
    const auto known = std::find_if(kOptions.begin(), kOptions.end(),
                                    [&](const Option& option) { return option.name == name; });
    if (known == kOptions.end()) {
      log::debug("unknown option in a request: {}", name);
    } else if (!value.is_null() && !has_kind(value, known->kind)) {
      fields.fail(
          bad_field(fields.path("options." + name), "invalid_type",
                    fmt::format("option \"{}\" must be of type {}", name, kind_name(known->kind))));
    }
  }
}

// Ollama's defaults where the server was not told otherwise.
sample::Params default_sampling(const GenerationDefaults& defaults) {
  constexpr float kTopP = 0.9F, kMinP = 0.0F;
  const sample::Params ours;
  sample::Params params = defaults.sampling;
  if (params.top_p == ours.top_p) params.top_p = kTopP;
  if (params.min_p == ours.min_p) params.min_p = kMinP;
  return params;
}

json::Value sampling_members(const json::Value& options, int64_t n_ctx) {
  json::Value out = json::Value::object();
  for (const Option& option : kOptions) {
    const auto found = options.find(option.name);
    if (option.samples && found != options.end()) out[option.name] = *found;
  }
  const auto last_n = out.find("repeat_last_n");
  if (last_n != out.end() && last_n->is_number() && last_n->get<double>() < 0) *last_n = n_ctx;
  return out;
}

}  // namespace

OllamaOptions read_ollama_options(Fields& fields, const GenerationDefaults& defaults,
                                  const tokenizer::Tokenizer& tokenizer, int64_t n_slot_ctx) {
  constexpr int64_t kAny = std::numeric_limits<int64_t>::max();
  OllamaOptions out{.sampling = default_sampling(defaults), .stop = defaults.stop};
  json::Value none = json::Value::object();
  const json::Value* options = fields.find("options");
  if (options != nullptr && !options->is_object()) {
    fields.fail_type("options", "an object", *options);
    options = nullptr;
  }
  if (options == nullptr) options = &none;
  check_types(fields, *options);
  if (fields.error()) return out;

  Fields inner(fields, "options", *options);
  // The context asked for is a limit; what the slots lack can't be had without a new start.
  const int64_t n_ctx = inner.integer("num_ctx", n_slot_ctx, -kAny, kAny);
  out.n_ctx = n_ctx > 0 ? std::min(n_ctx, n_slot_ctx) : n_slot_ctx;
  if (n_ctx > n_slot_ctx) {
    log::debug("num_ctx {} is more than the {} tokens of a slot", n_ctx, n_slot_ctx);
  }
  out.n_keep = inner.integer("num_keep", out.n_keep, -1, kMaxInt, Range::kClamp);
  const int64_t n_predict = inner.integer("num_predict", -1, -kMaxInt, kMaxInt, Range::kClamp);
  const int64_t limit = defaults.max_tokens;
  out.max_tokens = n_predict <= 0 ? limit : limit < 0 ? n_predict : std::min(n_predict, limit);
  if (inner.has("stop")) out.stop = read_stops(inner);
  const int64_t fallback = defaults.seed ? int64_t{*defaults.seed} : -1;
  const int64_t seed = inner.integer("seed", fallback, -kAny, kAny);

  const json::Value members = sampling_members(*options, out.n_ctx);
  Fields sampling(fields, "options", members);
  std::vector<std::string> breakers;
  read_sampling_fields(sampling, tokenizer, out.sampling, breakers);
  out.sampling.seed =
      seed == -1 ? std::random_device{}() : static_cast<uint64_t>(seed) & 0xFFFFFFFFU;
  return out;
}

}  // namespace samovar::api
