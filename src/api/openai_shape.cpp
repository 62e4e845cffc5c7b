#include "api/openai_shape.h"

#include "api/build_info.h"
#include "api/shape_parts.h"
#include "json/json.h"

#include <random>

#include <fmt/format.h>

namespace samovar::api {
namespace {

class OpenAiShape : public AnswerShape {
 public:
  OpenAiShape(AnswerHead head, OpenAiShapeOptions options, std::string_view chunk_type)
      : head_(std::move(head)), options_(std::move(options)), chunk_type_(chunk_type) {}

  json::Value progress_event(const PromptProgress& progress) const override {
    json::Value event = chunk(choice(progress.index, "", nullptr));
    event["prompt_progress"] = progress_json(progress);
    if (options_.timings_per_token) event["timings"] = timings_json(progress.timings);
    return event;
  }
  json::Value text_event(const Piece& piece) const override {
    json::Value one = choice_of(piece);
    if (one.is_null() && (!wants_chances() || piece.tokens.empty())) return nullptr;
    if (one.is_null()) one = choice(piece.index, "", nullptr);
    if (wants_chances()) one["logprobs"] = logprobs(piece.tokens, piece.text_begin);
    json::Value event = chunk(std::move(one));
    if (options_.timings_per_token) event["timings"] = timings_json(piece.timings);
    return event;
  }

 protected:
  // One choice of a stream's event; null where a piece shows nothing.
  virtual json::Value choice_of(const Piece& piece) const {
    return piece.text.empty() ? json::Value() : choice(piece.index, piece.text, nullptr);
  }
  virtual json::Value choice(int64_t index, std::string_view text,
                             json::Value finish_reason) const = 0;
  virtual json::Value logprobs(std::span<const ShownToken> tokens, int64_t text_begin) const = 0;

  json::Value object(std::string_view type, json::Value choices) const {
    return {{"id", head_.id},
            {"object", type},
            {"created", head_.created_unix_s},
            {"model", head_.model},
            {"system_fingerprint", build_fingerprint()},
            {"choices", std::move(choices)}};
  }
  json::Value chunk(json::Value one_choice) const {
    return object(chunk_type_, json::Value::array({std::move(one_choice)}));
  }
  json::Value chances(std::span<const ShownToken> tokens) const {
    return chances_json(tokens, options_.chances, *options_.vocabulary);
  }
  void add_counts(json::Value& answer, std::span<const Outcome> outcomes) const {
    const engine::Timings total = total_timings(outcomes, options_.n);
    int64_t n_thought_tokens = 0;
    for (const Outcome& outcome : outcomes) n_thought_tokens += outcome.n_thought_tokens;
    answer["usage"] = usage_json(total);
    answer["usage"]["completion_tokens_details"] = {{"reasoning_tokens", n_thought_tokens}};
    answer["timings"] = timings_json(total);
  }
  void add_verbose(json::Value& answer, std::span<const Outcome> outcomes) const {
    if (options_.verbose) answer["__verbose"] = options_.verbose->whole(outcomes);
  }
  bool wants_chances() const { return options_.chances != sample::ChanceKind::kNone; }

  AnswerHead head_;
  OpenAiShapeOptions options_;
  std::string_view chunk_type_;
};

class ChatShape final : public OpenAiShape {
 public:
  ChatShape(AnswerHead head, OpenAiShapeOptions options)
      : OpenAiShape(std::move(head), std::move(options), "chat.completion.chunk") {}

  json::Value whole(std::span<const Outcome> outcomes) const override {
    json::Value choices = json::Value::array();
    for (const Outcome& outcome : outcomes) {
      choices.push_back({{"index", outcome.index},
                         {"message", message(outcome)},
                         {"finish_reason", chat_finish_reason(outcome)},
                         {"logprobs", wants_chances() ? logprobs(outcome.tokens, 0) : nullptr}});
    }
    json::Value answer = object("chat.completion", std::move(choices));
    add_counts(answer, outcomes);
    add_verbose(answer, outcomes);
    return answer;
  }
  json::Value first_event(int64_t index) const override {
    return chunk({{"index", index},
                  {"delta", {{"role", "assistant"}, {"content", nullptr}}},
                  {"finish_reason", nullptr}});
  }
  json::Value last_event(const Outcome& outcome, std::span<const Outcome> all) const override {
    json::Value last = chunk(choice(outcome.index, "", chat_finish_reason(outcome)));
    if (all.empty() || options_.include_usage) return last;
    last["timings"] = timings_json(total_timings(all, options_.n));
    add_verbose(last, all);
    return last;
  }
  json::Value usage_event(std::span<const Outcome> all) const override {
    if (!options_.include_usage) return nullptr;
    json::Value last = object(chunk_type_, json::Value::array());
    add_counts(last, all);
    add_verbose(last, all);
    return last;
  }

 private:
  json::Value choice(int64_t index, std::string_view text,
                     json::Value finish_reason) const override {
    json::Value delta = json::Value::object();
    if (!text.empty()) delta["content"] = text;
    return {
        {"index", index}, {"delta", std::move(delta)}, {"finish_reason", std::move(finish_reason)}};
  }
  json::Value logprobs(std::span<const ShownToken> tokens, int64_t) const override {
    return {{"content", chances(tokens)}};
  }
  json::Value choice_of(const Piece& piece) const override {
    json::Value one = choice(piece.index, "", nullptr);
    if (piece.text.empty()) return nullptr;
    if (piece.kind == chat::AnswerPart::Kind::kText) {
      one["delta"]["content"] = piece.text;
    } else if (piece.kind == chat::AnswerPart::Kind::kThought) {
      put_thought(one["delta"], piece.text);
    } else {
      const bool begins = piece.kind == chat::AnswerPart::Kind::kCall;
      json::Value call = begins ? call_json(*piece.call, "")
                                : json::Value{{"function", {{"arguments", piece.text}}}};
      call["index"] = piece.i_call;
      one["delta"]["tool_calls"] = json::Value::array({std::move(call)});
    }
    return one;
  }
  // Clients read the one name or the other.
  static void put_thought(json::Value& object, std::string_view thought) {
    object["reasoning_content"] = thought;
    object["reasoning"] = thought;
  }
  static json::Value call_json(const ToolCall& call, std::string_view arguments) {
    return {{"id", call.id},
            {"type", "function"},
            {"function", {{"name", call.name}, {"arguments", arguments}}}};
  }
  json::Value message(const Outcome& outcome) const {
    json::Value out = {{"role", "assistant"}, {"content", outcome.text}};
    if (!outcome.thought.empty()) {
      put_thought(out, outcome.thought);
      const chat::ThoughtTags& tags = options_.tags_in_text;
      if (!tags.empty()) {
        out["content"] =
            fmt::format("{}{}{}{}", tags.open, outcome.thought, tags.close, outcome.text);
      }
    }
    if (outcome.calls.empty()) return out;
    if (outcome.text.empty()) out["content"] = nullptr;
    for (const ToolCall& call : outcome.calls) {
      out["tool_calls"].push_back(call_json(call, call.arguments));
    }
    return out;
  }
  static std::string_view chat_finish_reason(const Outcome& outcome) {
    const bool called = outcome.called && outcome.stop != StopType::kLimit;
    return called ? "tool_calls" : finish_reason(outcome);
  }
};

class CompletionShape final : public OpenAiShape {
 public:
  CompletionShape(AnswerHead head, OpenAiShapeOptions options)
      : OpenAiShape(std::move(head), std::move(options), "text_completion") {}

  json::Value whole(std::span<const Outcome> outcomes) const override {
    json::Value choices = json::Value::array();
    for (const Outcome& outcome : outcomes) {
      json::Value one = choice(outcome.index, outcome.text, finish_reason(outcome));
      if (wants_chances()) one["logprobs"] = logprobs(outcome.tokens, 0);
      choices.push_back(std::move(one));
    }
    json::Value answer = object(chunk_type_, std::move(choices));
    add_counts(answer, outcomes);
    add_verbose(answer, outcomes);
    return answer;
  }
  json::Value first_event(int64_t) const override { return nullptr; }
  json::Value last_event(const Outcome& outcome, std::span<const Outcome> all) const override {
    json::Value last = chunk(choice(outcome.index, "", finish_reason(outcome)));
    if (all.empty()) return last;
    add_counts(last, all);
    add_verbose(last, all);
    return last;
  }
  json::Value usage_event(std::span<const Outcome>) const override { return nullptr; }

 private:
  json::Value choice(int64_t index, std::string_view text,
                     json::Value finish_reason) const override {
    return {{"text", text},
            {"index", index},
            {"logprobs", nullptr},
            {"finish_reason", std::move(finish_reason)}};
  }
  // OpenAI's four parallel arrays, and llama-server's `content`.
  json::Value logprobs(std::span<const ShownToken> tokens, int64_t text_begin) const override {
    json::Value content = chances(tokens);
    json::Value out = {{"tokens", json::Value::array()},
                       {"token_logprobs", json::Value::array()},
                       {"top_logprobs", json::Value::array()},
                       {"text_offset", json::Value::array()}};
    const bool drawn = options_.chances == sample::ChanceKind::kDrawn;
    const char* const value_name = drawn ? "prob" : "logprob";
    for (const json::Value& entry : content) {
      json::Value top = entry[value_name].is_null() ? json::Value() : json::Value::object();
      for (const json::Value& other : entry[drawn ? "top_probs" : "top_logprobs"]) {
        top[other["token"].get_ref<const std::string&>()] = other[value_name];
      }
      out["tokens"].push_back(entry["token"]);
      out["token_logprobs"].push_back(entry[value_name]);
      out["top_logprobs"].push_back(std::move(top));
      out["text_offset"].push_back(text_begin);
      text_begin += count_characters(entry["token"].get_ref<const std::string&>());
    }
    out["content"] = std::move(content);
    return out;
  }
};

}  // namespace

std::unique_ptr<AnswerShape> chat_shape(AnswerHead head, OpenAiShapeOptions options) {
  return std::make_unique<ChatShape>(std::move(head), std::move(options));
}

std::unique_ptr<AnswerShape> completion_shape(AnswerHead head, OpenAiShapeOptions options) {
  return std::make_unique<CompletionShape>(std::move(head), std::move(options));
}

std::string make_id(std::string_view prefix, size_t n) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::random_device device;
  std::uniform_int_distribution<size_t> pick(0, kAlphabet.size() - 1);
  std::string id(prefix);
  for (size_t i = 0; i < n; ++i) id += kAlphabet[pick(device)];
  return id;
}

}  // namespace samovar::api
