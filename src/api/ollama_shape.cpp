#include "api/ollama_shape.h"

#include "api/rfc3339.h"
#include "api/shape_parts.h"
#include "json/json.h"

namespace samovar::api {
namespace {

// The text of an answer, or of a piece of it, where the route has it.
void put_text(json::Value& answer, OllamaRoute route, std::string_view text,
              std::string_view thought) {
  if (route == OllamaRoute::kGenerate) {
    answer["response"] = text;
    if (!thought.empty()) answer["thinking"] = thought;
    return;
  }
  answer["message"] = {{"role", "assistant"}, {"content", text}};
  if (!thought.empty()) answer["message"]["thinking"] = thought;
}

void put_if_not_zero(json::Value& answer, const char* name, int64_t value) {
  if (value != 0) answer[name] = value;
}

// One whose arguments were cut is none: they come as an object.
void put_call(json::Value& answer, const ToolCall& call, size_t index) {
  auto arguments = json::parse(call.arguments);
  if (!arguments.ok()) return;
  answer["message"]["tool_calls"].push_back(
      {{"id", call.id},
       {"function",
        {{"index", index}, {"name", call.name}, {"arguments", *std::move(arguments)}}}});
}

class OllamaShape final : public AnswerShape {
 public:
  explicit OllamaShape(OllamaShapeOptions options) : options_(std::move(options)) {}

  json::Value whole(std::span<const Outcome> outcomes) const override { return end(outcomes[0]); }
  json::Value first_event(int64_t) const override { return nullptr; }
  json::Value progress_event(const PromptProgress&) const override { return nullptr; }
  json::Value text_event(const Piece& piece) const override {
    using Kind = chat::AnswerPart::Kind;
    const bool is_text = piece.kind == Kind::kText || piece.kind == Kind::kThought;
    const bool shows = piece.kind == Kind::kCallEnd || (is_text && !piece.text.empty());
    if (!shows && !has_chances(piece.tokens)) return nullptr;  // a call comes whole
    json::Value event = head(false);
    put_text(event, options_.route, piece.kind == Kind::kText ? piece.text : std::string_view(),
             piece.kind == Kind::kThought ? piece.text : std::string_view());
    if (piece.kind == Kind::kCallEnd) put_call(event, *piece.call, piece.i_call);
    put_chances(event, piece.tokens);
    return event;
  }
  json::Value last_event(const Outcome& outcome, std::span<const Outcome>) const override {
    return end(outcome);
  }
  json::Value usage_event(std::span<const Outcome>) const override { return nullptr; }

 private:
  json::Value head(bool done) const {
    return {{"model", options_.model},
            {"created_at", rfc3339(options_.clock->unix_us())},
            {"done", done}};
  }
  json::Value end(const Outcome& outcome) const {
    json::Value out = head(true);
    put_text(out, options_.route, outcome.text, outcome.thought);
    for (size_t i = 0; i < outcome.calls.size(); ++i) put_call(out, outcome.calls[i], i);
    put_chances(out, outcome.tokens);
    out["done_reason"] = finish_reason(outcome);
    if (options_.context) {
      std::vector<int32_t> ids = *options_.context;
      ids.insert(ids.end(), outcome.ids.begin(), outcome.ids.end());
      out["context"] = std::move(ids);
    }
    const engine::Timings& t = outcome.timings;
    out["total_duration"] = (options_.clock->monotonic_us() - options_.arrived_us) * 1000;
    put_if_not_zero(out, "load_duration", (options_.loaded_us - options_.arrived_us) * 1000);
    put_if_not_zero(out, "prompt_eval_count", t.n_cached + t.n_prompt);
    put_if_not_zero(out, "prompt_eval_duration", t.prompt_us * 1000);
    put_if_not_zero(out, "eval_count", t.n_predicted);
    put_if_not_zero(out, "eval_duration", t.predicted_us * 1000);
    return out;
  }
  bool has_chances(std::span<const ShownToken> tokens) const {
    return options_.chances != sample::ChanceKind::kNone && !tokens.empty();
  }
  void put_chances(json::Value& out, std::span<const ShownToken> tokens) const {
    if (!has_chances(tokens)) return;
    out["logprobs"] = chances_json(tokens, options_.chances, *options_.vocabulary);
  }

  OllamaShapeOptions options_;
};

}  // namespace

std::unique_ptr<AnswerShape> ollama_shape(OllamaShapeOptions options) {
  return std::make_unique<OllamaShape>(std::move(options));
}

json::Value ollama_load_answer(OllamaRoute route, std::string_view model, std::string_view reason,
                               const Clock& clock) {
  json::Value out = {{"model", model},
                     {"created_at", rfc3339(clock.unix_us())},
                     {"done", true},
                     {"done_reason", reason}};
  put_text(out, route, "", "");
  return out;
}

}  // namespace samovar::api
