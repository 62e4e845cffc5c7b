#include "api/ollama_request.h"

#include "api/go_duration.h"
#include "json/json.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace samovar::api {
namespace {

// A duration of Go, or seconds; RETURNS whether it is zero: unload after the answer.
bool read_keep_alive(Fields& fields) {
  const json::Value* value = fields.find("keep_alive");
  if (value == nullptr) return false;
  if (value->is_number()) return value->get<double>() == 0;
  const std::string text = fields.string("keep_alive", "");
  const auto ns = parse_go_duration(text);
  if (!ns && !fields.error()) {
    fields.fail(bad_field("keep_alive", "invalid_value",
                          fmt::format("`keep_alive`: invalid duration \"{}\"", text)));
  }
  return ns == 0;
}

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
  if (name.empty()) name = fields.string("name", "");
  if (name.empty()) {
    fields.fail(bad_field("model", "missing_required_parameter", "model is required"));
  }
  return name;
}

OllamaRequest read_ollama_request(Fields& fields, const GenerationDefaults& defaults,
                                  const tokenizer::Tokenizer& tokenizer, int64_t n_slot_ctx) {
  OllamaRequest out;
  out.stream = fields.boolean("stream", true);
  out.truncate = fields.boolean("truncate", true);
  fields.boolean("shift", true);  // a full context ends the answer
  out.unload = read_keep_alive(fields);
  read_think(fields, out);
  out.document = read_format(fields);
  out.chances = read_logprobs(fields);
  out.options = read_ollama_options(fields, defaults, tokenizer, n_slot_ctx);
  return out;
}

}  // namespace samovar::api
