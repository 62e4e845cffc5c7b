#include "api/answer_reading.h"

#include <algorithm>

namespace samovar::api {

AnswerReading answer_reading(const ServedModel& served, std::span<const int32_t> prompt,
                             const ToolWish& tools) {
  constexpr size_t kTailTokens = 8;  // more than a tag and a line feed take
  AnswerReading out{.tags = served.format.thoughts};
  if (!tools.callable.empty()) out.tools = served.format.tools;
  for (const Tool& tool : tools.callable) out.tool_names.push_back(tool.name);
  if (out.tags.empty()) return out;
  const auto tail = prompt.last(std::min(prompt.size(), kTailTokens));
  out.thoughts = thoughts_behind(served.model->tokenizer().decode(tail, true), out.tags);
  return out;
}

void begin_grammar(const AnswerReading& reading, std::optional<grammar::Grammar>& grammar) {
  if (!grammar || reading.thoughts != Thoughts::kBegun) return;
  grammar = grammar->behind(std::string(reading.tags.open));
}

}  // namespace samovar::api
