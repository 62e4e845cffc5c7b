#include "api/generation_fields.h"

#include "api/logit_bias_field.h"
#include "json/json.h"

#include <algorithm>
#include <random>

#include <fmt/format.h>

namespace samovar::api {
namespace {

// All of them are looked for at each token.
constexpr size_t kMaxStops = 256, kMaxStopBytes = size_t{64} << 10;
constexpr int64_t kRandomSeed = 4294967295;  // as -1: peers' way to say "any"

// One beyond what Fields reads, modulo 2^32. A number of more than 64 bits has lost digits by now.
std::optional<uint64_t> large_seed(const json::Value* seed) {
  if (seed == nullptr || as_integer(*seed) || !seed->is_number_unsigned()) return std::nullopt;
  return seed->get<uint64_t>() & 0xFFFFFFFFU;
}

uint64_t read_seed(Fields& fields, std::optional<uint32_t> fallback) {
  if (const auto large = large_seed(fields.find("seed"))) return *large;
  const int64_t seed =
      fields.integer("seed", fallback ? int64_t{*fallback} : -1,
                     std::numeric_limits<int64_t>::min(), std::numeric_limits<int64_t>::max());
  if (seed == -1 || seed == kRandomSeed) return std::random_device{}();
  return static_cast<uint64_t>(seed) & 0xFFFFFFFFU;
}

int64_t read_max_tokens(Fields& fields, int64_t limit) {
  int64_t wished = -1;
  // The last name wins: n_predict over max_completion_tokens over max_tokens.
  for (const char* name : {"max_tokens", "max_completion_tokens", "n_predict"}) {
    const int64_t given = fields.integer(name, -1, -1, kMaxInt);
    if (fields.has(name)) wished = given;
  }
  return wished < 0 ? limit : wished;
}

bool read_include_usage(Fields& fields) {
  const json::Value* options = fields.find("stream_options");
  if (options == nullptr) return false;
  if (!options->is_object()) {
    fields.fail_type("stream_options", "an object", *options);
    return false;
  }
  return Fields(fields, "stream_options", *options).boolean("include_usage", false);
}

// logprobs: true and top_logprobs: N.
sample::ChanceWish read_chat_logprobs(Fields& fields) {
  const bool wanted = fields.boolean("logprobs", false);
  const int64_t n_top = fields.integer("top_logprobs", 0, 0, kMaxTopLogprobs);
  if (!wanted) {
    if (n_top > 0) {
      fields.fail(
          bad_field("top_logprobs", "invalid_value", "`top_logprobs` needs `logprobs` to be true"));
    }
    return {};
  }
  return {.kind = sample::ChanceKind::kModel, .n_top = static_cast<int32_t>(n_top)};
}

sample::ChanceWish read_chances(Fields& fields, Dialect dialect) {
  const bool drawn = fields.boolean("post_sampling_probs", false);
  sample::ChanceWish wish;
  if (dialect == Dialect::kChat) wish = read_chat_logprobs(fields);
  int64_t n_top = -1;  // not asked
  if (dialect != Dialect::kChat) {
    const json::Value* logprobs = fields.find("logprobs");
    const bool off = logprobs != nullptr && *logprobs == json::Value(false);
    if (!off) n_top = fields.integer("logprobs", n_top, 0, kMaxProbabilities);
    // A zero asks for the chosen tokens' own there; to llama-server it means none.
    if (dialect == Dialect::kNative && n_top == 0) n_top = -1;
  }
  const int64_t n_probs = fields.integer("n_probs", 0, 0, kMaxProbabilities);
  if (n_probs > 0) n_top = n_probs;
  if (n_top >= 0) {
    wish = {.kind = sample::ChanceKind::kModel, .n_top = static_cast<int32_t>(n_top)};
  }
  if (drawn && wish.kind != sample::ChanceKind::kNone) wish.kind = sample::ChanceKind::kDrawn;
  return wish;
}

int64_t read_n(Fields& fields, Dialect dialect) {
  int64_t n = fields.integer("n", 1, 1, kMaxChoices);
  if (dialect == Dialect::kNative) n = fields.integer("n_cmpl", n, 1, kMaxChoices);
  if (fields.integer("best_of", 1, 0, kMaxInt) != 1) {
    fields.fail(unsupported_parameter("best_of", "`best_of` other than 1 is not supported"));
  }
  return n;
}

void read_engine_fields(Fields& fields, const GenerationDefaults& defaults, GenerationFields& out) {
  out.context_shift = defaults.context_shift;
  out.n_keep = fields.integer("n_keep", defaults.n_keep, -1, kMaxInt);
  out.n_discard = fields.integer("n_discard", 0, 0, kMaxInt);
  out.n_indent = fields.integer("n_indent", 0, 0, kMaxInt);
  out.n_cache_reuse = fields.integer("n_cache_reuse", 0, 0, kMaxInt);
  out.id_slot = fields.integer("id_slot", -1, std::numeric_limits<int64_t>::min(),
                               std::numeric_limits<int64_t>::max());
  out.cache_prompt = fields.boolean("cache_prompt", true);
  out.t_max_predict_ms = fields.integer("t_max_predict_ms", 0, -1, kMaxInt);
  out.ping_interval_s = fields.integer("sse_ping_interval", 10, -1, kMaxInt);
  fields.number("adaptive_target", -1, -1, 1, Range::kClamp);
  fields.number("adaptive_decay", 0.9, 0, 0.99);
}

}  // namespace

std::vector<std::string> read_stops(Fields& fields) {
  std::vector<std::string> stops = fields.strings("stop");
  std::erase_if(stops, [](const std::string& text) { return text.empty(); });
  size_t n_bytes = 0;
  for (const std::string& text : stops) n_bytes += text.size();
  if (stops.size() > kMaxStops || n_bytes > kMaxStopBytes) {
    fields.fail(bad_field(
        fields.path("stop"), "invalid_value",
        fmt::format("`{}` holds {} texts of {} bytes in all, the limits are {} and {}",
                    fields.path("stop"), stops.size(), n_bytes, kMaxStops, kMaxStopBytes)));
    return {};
  }
  return stops;
}

engine::ContextShift context_shift(const tokenizer::Vocabulary& vocabulary, int64_t n_keep,
                                   int64_t n_discard) {
  const int64_t n_bos = vocabulary.add_bos() ? 1 : 0;
  return {.n_keep = n_keep < 0 ? -1 : n_keep + n_bos, .n_discard = n_discard};
}

GenerationFields read_generation_fields(Fields& fields, Dialect dialect,
                                        const GenerationDefaults& defaults,
                                        const tokenizer::Tokenizer& tokenizer) {
  GenerationFields out{.sampling = defaults.sampling, .dry_breakers = default_dry_breakers()};
  read_sampling_fields(fields, tokenizer, out.sampling, out.dry_breakers);
  out.sampling.seed = read_seed(fields, defaults.seed);
  out.max_tokens = read_max_tokens(fields, defaults.max_tokens);
  out.n = read_n(fields, dialect);
  out.stop = read_stops(fields);
  if (out.stop.empty()) out.stop = defaults.stop;
  out.ignore_eos = fields.boolean("ignore_eos", false);
  if (out.ignore_eos) ban_end_of_generation(tokenizer.vocabulary(), out.sampling);
  out.stream = fields.boolean("stream", false);
  out.include_usage = read_include_usage(fields);
  out.chances = read_chances(fields, dialect);
  out.return_tokens = fields.boolean("return_tokens", false);
  out.timings_per_token = fields.boolean("timings_per_token", false);
  out.return_progress = fields.boolean("return_progress", false);
  out.verbose = fields.boolean("verbose", defaults.verbose);
  out.gbnf = fields.string("grammar", "");
  if (dialect == Dialect::kNative) out.response_fields = fields.strings("response_fields");
  read_engine_fields(fields, defaults, out);
  return out;
}

}  // namespace samovar::api
