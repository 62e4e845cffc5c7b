#include "api/answer_shape.h"

#include "api/build_info.h"
#include "json/json.h"

#include <random>

namespace samovar::api {
namespace {

json::Value usage(const engine::Timings& t) {
  const int64_t n_prompt = t.n_cached + t.n_prompt;
  return {{"prompt_tokens", n_prompt},
          {"completion_tokens", t.n_predicted},
          {"total_tokens", n_prompt + t.n_predicted},
          {"prompt_tokens_details", {{"cached_tokens", t.n_cached}}}};
}

double ms_per_token(int64_t us, int64_t n) {
  return n > 0 ? static_cast<double>(us) / 1e3 / static_cast<double>(n) : 0.0;
}

json::Value timings(const engine::Timings& t) {
  return {{"cache_n", t.n_cached},
          {"prompt_n", t.n_prompt},
          {"prompt_ms", static_cast<double>(t.prompt_us) / 1e3},
          {"prompt_per_token_ms", ms_per_token(t.prompt_us, t.n_prompt)},
          {"prompt_per_second", t.prompt_per_second()},
          {"predicted_n", t.n_predicted},
          {"predicted_ms", static_cast<double>(t.predicted_us) / 1e3},
          {"predicted_per_token_ms", ms_per_token(t.predicted_us, t.n_answer_steps())},
          {"predicted_per_second", t.predicted_per_second()}};
}

json::Value object(const AnswerHead& head, std::string_view type, json::Value choices) {
  return {{"id", head.id},
          {"object", type},
          {"created", head.created_unix_s},
          {"model", head.model},
          {"system_fingerprint", build_fingerprint()},
          {"choices", std::move(choices)}};
}

class ChatShape final : public AnswerShape {
 public:
  ChatShape(AnswerHead head, bool include_usage)
      : head_(std::move(head)), include_usage_(include_usage) {}

  json::Value whole(std::string_view text, const Outcome& outcome) const override {
    json::Value answer = object(head_, "chat.completion",
                                {{{"index", 0},
                                  {"message", {{"role", "assistant"}, {"content", text}}},
                                  {"finish_reason", outcome.finish_reason},
                                  {"logprobs", nullptr}}});
    answer["usage"] = usage(outcome.timings);
    answer["timings"] = timings(outcome.timings);
    return answer;
  }
  json::Value first_event() const override {
    return chunk({{"role", "assistant"}, {"content", nullptr}}, nullptr);
  }
  json::Value text_event(std::string_view text) const override {
    return chunk({{"content", text}}, nullptr);
  }
  json::Value last_event(const Outcome& outcome) const override {
    json::Value last = chunk(json::Value::object(), outcome.finish_reason);
    if (!include_usage_) last["timings"] = timings(outcome.timings);
    return last;
  }
  json::Value usage_event(const Outcome& outcome) const override {
    if (!include_usage_) return nullptr;
    json::Value last = object(head_, "chat.completion.chunk", json::Value::array());
    last["usage"] = usage(outcome.timings);
    last["timings"] = timings(outcome.timings);
    return last;
  }

 private:
  json::Value chunk(json::Value delta, json::Value finish_reason) const {
    return object(
        head_, "chat.completion.chunk",
        {{{"index", 0}, {"delta", std::move(delta)}, {"finish_reason", std::move(finish_reason)}}});
  }
  AnswerHead head_;
  bool include_usage_;
};

class CompletionShape final : public AnswerShape {
 public:
  explicit CompletionShape(AnswerHead head) : head_(std::move(head)) {}

  json::Value whole(std::string_view text, const Outcome& outcome) const override {
    json::Value answer = chunk(text, outcome.finish_reason);
    answer["usage"] = usage(outcome.timings);
    answer["timings"] = timings(outcome.timings);
    return answer;
  }
  json::Value first_event() const override { return nullptr; }
  json::Value text_event(std::string_view text) const override { return chunk(text, nullptr); }
  json::Value last_event(const Outcome& outcome) const override { return whole("", outcome); }
  json::Value usage_event(const Outcome&) const override { return nullptr; }

 private:
  json::Value chunk(std::string_view text, json::Value finish_reason) const {
    return object(head_, "text_completion",
                  {{{"text", text},
                    {"index", 0},
                    {"logprobs", nullptr},
                    {"finish_reason", std::move(finish_reason)}}});
  }
  AnswerHead head_;
};

}  // namespace

std::unique_ptr<AnswerShape> chat_shape(AnswerHead head, bool include_usage) {
  return std::make_unique<ChatShape>(std::move(head), include_usage);
}

std::unique_ptr<AnswerShape> completion_shape(AnswerHead head) {
  return std::make_unique<CompletionShape>(std::move(head));
}

std::string make_id(std::string_view prefix) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::random_device device;
  std::uniform_int_distribution<size_t> pick(0, kAlphabet.size() - 1);
  std::string id(prefix);
  for (int i = 0; i < 32; ++i) id += kAlphabet[pick(device)];
  return id;
}

}  // namespace samovar::api
