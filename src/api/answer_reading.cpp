#include "api/answer_reading.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::api {

AnswerReading answer_reading(const ServedModel& served, std::span<const int32_t> prompt,
                             const ToolWish& tools, std::optional<Thoughts> begun) {
  constexpr size_t kTailTokens = 8;  // more than a tag and a line feed take
  AnswerReading out{.tags = served.format.thoughts};
  if (!tools.callable.empty()) out.tools = served.format.tools;
  for (const Tool& tool : tools.callable) out.tool_names.push_back(tool.name);
  if (out.tags.empty()) return out;
  if (begun) {
    out.thoughts = *begun;
    return out;
  }
  const auto tail = prompt.last(std::min(prompt.size(), kTailTokens));
  out.thoughts = thoughts_behind(served.model->tokenizer().decode(tail, true), out.tags);
  return out;
}

std::optional<Thoughts> begun_thoughts(const ChatPrompt& prompt, chat::ThoughtTags tags) {
  if (prompt.goes_on == GoesOn::kThought) return Thoughts::kBegun;
  if (prompt.prefill.empty() && prompt.prefill_thought.empty()) return std::nullopt;
  const bool opens = thoughts_behind(prompt.prefill, tags) == Thoughts::kBegun;
  return opens ? Thoughts::kBegun : Thoughts::kPlain;
}

bool may_think(bool wished, const AnswerReading& reading) {
  if (reading.thoughts == Thoughts::kBegun) return true;
  return wished && (reading.thoughts == Thoughts::kTagged || reading.tags.empty());
}

void begin_grammar(const AnswerReading& reading, std::optional<grammar::Grammar>& grammar) {
  if (!grammar || reading.thoughts != Thoughts::kBegun) return;
  grammar = grammar->behind(std::string(reading.tags.open));
}

std::optional<engine::ThoughtWatch> thought_watch(Fields& fields, const ServedModel& served,
                                                  const AnswerReading& reading,
                                                  const ReasoningWish& wish) {
  if (wish.max_tokens < 0 || reading.tags.empty()) return std::nullopt;
  if (wish.last_words.find(reading.tags.close) != std::string::npos) {
    fields.fail(bad_field("reasoning_budget_message", "invalid_value",
                          fmt::format("`reasoning_budget_message` has `{}` in it, which comes "
                                      "behind it",
                                      reading.tags.close)));
    return std::nullopt;
  }
  const tokenizer::Tokenizer& tokenizer = served.model->tokenizer();
  const tokenizer::TextSpan ending[] = {{wish.last_words, false}, {reading.tags.close, true}};
  return engine::ThoughtWatch({.open = std::string(reading.tags.open),
                               .close = std::string(reading.tags.close),
                               .begun = reading.thoughts == Thoughts::kBegun,
                               .max_tokens = wish.max_tokens,
                               .ending = tokenizer.encode_spans(ending, false)},
                              tokenizer.vocabulary());
}

}  // namespace samovar::api
