#include "api/native_shape.h"

#include "api/shape_parts.h"
#include "json/json.h"

namespace samovar::api {
namespace {

// "a/b" is member b of a; it becomes a member named "a/b". Missing ones are left out.
json::Value pick(const json::Value& object, std::span<const std::string> paths) {
  json::Value out = json::Value::object();
  for (const std::string& path : paths) {
    const json::Value* at = &object;
    for (size_t begin = 0; at != nullptr && begin <= path.size();) {
      const size_t end = std::min(path.find('/', begin), path.size());
      const auto found = at->is_object() ? at->find(path.substr(begin, end - begin)) : at->end();
      at = found == at->end() ? nullptr : &*found;
      begin = end + 1;
    }
    if (at != nullptr) out[path] = *at;
  }
  return out;
}

std::string_view stop_name(StopType stop) {
  switch (stop) {
    case StopType::kEnd:
      return "eos";
    case StopType::kLimit:
      return "limit";
    case StopType::kWord:
      return "word";
  }
  return "none";
}

class NativeShape final : public AnswerShape {
 public:
  explicit NativeShape(NativeShapeOptions options) : options_(std::move(options)) {}

  json::Value whole(std::span<const Outcome> outcomes) const override {
    if (outcomes.size() == 1) return last_event(outcomes[0], outcomes);
    json::Value all = json::Value::array();
    for (const Outcome& outcome : outcomes) all.push_back(last_event(outcome, outcomes));
    return all;
  }
  json::Value first_event(int64_t) const override { return nullptr; }
  json::Value progress_event(const PromptProgress& progress) const override {
    json::Value event =
        text_event({.index = progress.index, .timings = progress.timings, .slot = progress.slot});
    event["tokens_evaluated"] = progress.n_total;
    event["prompt_progress"] = progress_json(progress);
    return event;
  }
  json::Value text_event(const Piece& piece) const override {
    json::Value event = {{"index", piece.index},
                         {"content", piece.text},
                         {"tokens", ids(piece.tokens)},
                         {"stop", false},
                         {"id_slot", piece.slot},
                         {"tokens_predicted", piece.timings.n_predicted},
                         {"tokens_evaluated", piece.timings.n_cached + piece.timings.n_prompt}};
    if (options_.timings_per_token) event["timings"] = timings_json(piece.timings);
    if (wants_chances() && !piece.tokens.empty()) {
      event["completion_probabilities"] =
          chances_json(piece.tokens, options_.chances, *options_.vocabulary);
    }
    return event;
  }
  json::Value last_event(const Outcome& outcome, std::span<const Outcome>) const override {
    json::Value event = final_object(outcome);
    return options_.response_fields.empty() ? event : pick(event, options_.response_fields);
  }
  json::Value usage_event(std::span<const Outcome>) const override { return nullptr; }

 private:
  json::Value final_object(const Outcome& outcome) const {
    const engine::Timings& t = outcome.timings;
    const int64_t n_prompt = t.n_cached + t.n_prompt;
    auto settings = json::parse(options_.settings);
    json::Value out = {
        {"index", outcome.index},
        {"content", outcome.text},
        {"tokens", options_.return_tokens ? ids(outcome.tokens) : json::Value::array()},
        {"id_slot", outcome.slot},
        {"stop", true},
        {"model", options_.model},
        {"tokens_predicted", t.n_predicted},
        {"tokens_evaluated", n_prompt},
        {"generation_settings", settings.ok() ? *std::move(settings) : json::Value::object()},
        {"prompt", options_.prompts[static_cast<size_t>(outcome.index / options_.n)]},
        {"has_new_line", outcome.has_new_line},
        {"truncated", outcome.truncated},
        {"stop_type", stop_name(outcome.stop)},
        {"stopping_word", outcome.stopping_word},
        // The last token was drawn and not computed any more.
        {"tokens_cached", n_prompt + t.n_answer_steps() - t.n_dropped},
        {"timings", timings_json(t)},
        // Of builds before 2025: old scripts read them.
        {"stopped_eos", outcome.stop == StopType::kEnd},
        {"stopped_limit", outcome.stop == StopType::kLimit},
        {"stopped_word", outcome.stop == StopType::kWord}};
    if (wants_chances() && !outcome.tokens.empty()) {
      out["completion_probabilities"] =
          chances_json(outcome.tokens, options_.chances, *options_.vocabulary);
    }
    return out;
  }
  static json::Value ids(std::span<const ShownToken> tokens) {
    json::Value out = json::Value::array();
    for (const ShownToken& token : tokens) out.push_back(token.id);
    return out;
  }
  bool wants_chances() const { return options_.chances != sample::ChanceKind::kNone; }

  NativeShapeOptions options_;
};

}  // namespace

std::unique_ptr<AnswerShape> native_shape(NativeShapeOptions options) {
  return std::make_unique<NativeShape>(std::move(options));
}

}  // namespace samovar::api
