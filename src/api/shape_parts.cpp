#include "api/shape_parts.h"

#include "json/json.h"
#include "tokenizer/utf8.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace samovar::api {
namespace {

double ms_per_token(int64_t us, int64_t n) {
  return n > 0 ? static_cast<double>(us) / 1e3 / static_cast<double>(n) : 0.0;
}

// JSON knows no infinity.
double finite(float value) {
  return std::isfinite(value) ? static_cast<double>(value)
                              : static_cast<double>(std::numeric_limits<float>::lowest());
}

json::Value token_json(int32_t id, std::string_view bytes, const char* value_name,
                       json::Value value) {
  json::Value numbers = json::Value::array();
  for (const char byte : bytes) numbers.push_back(static_cast<uint8_t>(byte));
  return {{"id", id},
          {"token", valid_prefix(bytes)},
          {"bytes", std::move(numbers)},
          {value_name, std::move(value)}};
}

}  // namespace

std::string_view finish_reason(const Outcome& outcome) {
  return outcome.stop == StopType::kLimit ? "length" : "stop";
}

json::Value timings_json(const engine::Timings& t) {
  json::Value out = {{"cache_n", t.n_cached},
                     {"prompt_n", t.n_prompt},
                     {"prompt_ms", static_cast<double>(t.prompt_us) / 1e3},
                     {"prompt_per_token_ms", ms_per_token(t.prompt_us, t.n_prompt)},
                     {"prompt_per_second", t.prompt_per_second()},
                     {"predicted_n", t.n_predicted},
                     {"predicted_ms", static_cast<double>(t.predicted_us) / 1e3},
                     {"predicted_per_token_ms", ms_per_token(t.predicted_us, t.n_answer_steps())},
                     {"predicted_per_second", t.predicted_per_second()}};
  if (t.n_drafted > 0) {
    out["draft_n"] = t.n_drafted;
    out["draft_n_accepted"] = t.n_draft_held;
  }
  if (t.n_dropped > 0) out["dropped_n"] = t.n_dropped;
  return out;
}

engine::Timings total_timings(std::span<const Outcome> outcomes, int64_t n) {
  engine::Timings sum;
  for (const Outcome& outcome : outcomes) {
    const engine::Timings& t = outcome.timings;
    if (outcome.index % n == 0) {
      sum.n_cached += t.n_cached;
      sum.n_prompt += t.n_prompt;
      sum.prompt_us += t.prompt_us;
    }
    sum.n_predicted += t.n_predicted;
    sum.predicted_us += t.predicted_us;
    sum.n_drafted += t.n_drafted;
    sum.n_draft_held += t.n_draft_held;
    sum.n_dropped += t.n_dropped;
  }
  return sum;
}

json::Value usage_json(const engine::Timings& t) {
  const int64_t n_prompt = t.n_cached + t.n_prompt;
  return {{"prompt_tokens", n_prompt},
          {"completion_tokens", t.n_predicted},
          {"total_tokens", n_prompt + t.n_predicted},
          {"prompt_tokens_details", {{"cached_tokens", t.n_cached}}}};
}

json::Value progress_json(const PromptProgress& progress) {
  return {{"total", progress.n_total},
          {"cache", progress.timings.n_cached},
          {"processed", progress.timings.n_cached + progress.timings.n_prompt},
          {"time_ms", progress.timings.prompt_us / 1000}};
}

json::Value chances_json(std::span<const ShownToken> tokens, sample::ChanceKind kind,
                         const tokenizer::Vocabulary& vocabulary) {
  const bool drawn = kind == sample::ChanceKind::kDrawn;
  const char* const value_name = drawn ? "prob" : "logprob";
  json::Value out = json::Value::array();
  for (const ShownToken& token : tokens) {
    json::Value top = json::Value::array(), value;
    if (token.chances != nullptr) value = finite(token.chances->drawn.value);
    for (const sample::Chance& chance :
         token.chances != nullptr ? token.chances->top : std::vector<sample::Chance>()) {
      top.push_back(token_json(chance.token, vocabulary.bytes(chance.token), value_name,
                               finite(chance.value)));
    }
    json::Value entry = token_json(token.id, token.bytes, value_name, std::move(value));
    entry[drawn ? "top_probs" : "top_logprobs"] = std::move(top);
    out.push_back(std::move(entry));
  }
  return out;
}

std::string_view valid_prefix(std::string_view bytes) {
  size_t pos = 0;
  while (pos < bytes.size()) {
    const tokenizer::Utf8Char next = tokenizer::decode_utf8(bytes, pos);
    if (!next.valid) break;
    pos += next.size;
  }
  return bytes.substr(0, pos);
}

int64_t count_characters(std::string_view utf8) {
  return std::count_if(utf8.begin(), utf8.end(),
                       [](char c) { return (static_cast<uint8_t>(c) & 0xC0) != 0x80; });
}

}  // namespace samovar::api
