#include "api/ollama_request.h"

#include "api/keep_alive.h"
#include "json/json.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace samovar::api {
namespace {

// true, false or a level.
void read_think(Fields& fields, OllamaRequest& out) {
  constexpr std::array<std::string_view, 4> kLevels = {"low", "medium", "high", "max"};
  const json::Value* value = fields.find("think");
  if (value == nullptr) return;
  if (value->is_boolean()) {
    out.think = value->get<bool>();
    return;
  }
  const std::string level = value->is_string() ? value->get<std::string>() : "";
  if (std::find(kLevels.begin(), kLevels.end(), level) == kLevels.end()) {
    fields.fail(bad_field("think", "invalid_value",
                          "think must be a boolean or one of \"low\", \"medium\", \"high\", "
                          "\"max\""));
  }
  out.think = true;
  out.effort = level;
}

std::optional<AnswerDocument> read_format(Fields& fields) {
  const json::Value* format = fields.find("format");
  if (format == nullptr || *format == json::Value("")) return std::nullopt;
  if (*format == json::Value("json")) {
    return AnswerDocument{.param = "format", .schema = json::Value::object()};
  }
  if (format->is_object()) return AnswerDocument{.param = "format", .schema = *format};
  fields.fail(bad_field("format", "invalid_value",
                        "`format` must be \"json\" or a JSON schema (an object)"));
  return std::nullopt;
}

sample::ChanceWish read_logprobs(Fields& fields) {
  const bool wanted = fields.boolean("logprobs", false);
  const int64_t n_top = fields.integer("top_logprobs", 0, -1, kMaxTopLogprobs + 1, Range::kClamp);
  if (n_top < 0 || n_top > kMaxTopLogprobs) {
    fields.fail(
        bad_field("top_logprobs", "invalid_value", "top_logprobs must be between 0 and 20"));
  }
  if (!wanted) return {};
  return {.kind = sample::ChanceKind::kModel, .n_top = static_cast<int32_t>(n_top)};
}

}  // namespace

std::string read_ollama_model(Fields& fields) {
  std::string name = fields.string("model", "");
  const std::string old_spelling = fields.string("name", "");
  if (name.empty()) name = old_spelling;
  if (name.empty()) {
    fields.fail(bad_field("model", "missing_required_parameter", "model is required"));
  }
  return name;
}

bool only_unloads(const json::Value& body) {
  constexpr std::array<std::string_view, 4> kAsks = {"prompt", "suffix", "messages", "input"};
  Fields fields(body);
  return read_keep_alive(fields) == 0 &&
         std::all_of(kAsks.begin(), kAsks.end(), [&](std::string_view name) {
           const json::Value* const value = fields.find(name);
           return value == nullptr || value->empty() || *value == json::Value("");
         });
}

OllamaRequest read_ollama_request(Fields& fields, const GenerationDefaults& defaults,
                                  const tokenizer::Tokenizer& tokenizer, int64_t n_slot_ctx) {
  OllamaRequest out;
  out.stream = fields.boolean("stream", true);
  out.truncate = fields.boolean("truncate", true);
  out.shift = fields.boolean("shift", defaults.context_shift);
  out.keep_alive_us = read_keep_alive(fields);
  read_think(fields, out);
  out.document = read_format(fields);
  out.chances = read_logprobs(fields);
  out.options = read_ollama_options(fields, defaults, tokenizer, n_slot_ctx);
  return out;
}

}  // namespace samovar::api
