#include "cli/reasoning_flags.h"

#include <fmt/format.h>

namespace samovar::cli {

void ReasoningFlags::declare(Flags& flags) {
  flags.add("--reasoning-format", &format_,
            "where thoughts go: none (they stay in the text), auto or deepseek "
            "(reasoning_content), deepseek-legacy (both, but for streams)");
  flags.also_from("LLAMA_ARG_THINK");
  flags.add("--reasoning", &thinks_,
            "whether the model thinks before it answers: on, off or auto (as it likes)");
  flags.also_from("LLAMA_ARG_REASONING");
  flags.add("--reasoning-budget", &budget_,
            "tokens that a thought may take, then it is ended; -1: any number, 0: no thoughts");
  flags.also_from("LLAMA_ARG_THINK_BUDGET");
  flags.add("--reasoning-budget-message", &last_words_,
            "what such a thought ends with, for the model to go on from");
  flags.also_from("LLAMA_ARG_THINK_BUDGET_MESSAGE");
  flags.add("--jinja", &jinja_, "use the model's own chat template (it is)");
  flags.add("--no-jinja", &no_jinja_, "take no tools");
}

Result<api::ReasoningDefaults> ReasoningFlags::defaults() const {
  api::ReasoningDefaults out;
  const auto format = api::parse_reasoning_format(format_);
  if (!format) {
    return invalid_argument(
        fmt::format("--reasoning-format: expected none, auto, deepseek or deepseek-legacy, found "
                    "`{}`",
                    format_));
  }
  out.format = *format;
  if (thinks_ == "on" || thinks_ == "off") {
    out.thinks = thinks_ == "on";
  } else if (thinks_ != "auto") {
    return invalid_argument(
        fmt::format("--reasoning: expected on, off or auto, found `{}`", thinks_));
  }
  if (budget_ < -1) {
    return invalid_argument(
        fmt::format("--reasoning-budget: expected -1 or more, found {}", budget_));
  }
  out.max_tokens = budget_;
  out.last_words = last_words_;
  return out;
}

}  // namespace samovar::cli
