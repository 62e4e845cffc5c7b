// What a slot tells of its prompt, and shows of itself.
#include "engine/slot.h"

namespace samovar::engine {

void Slot::pool_states(const model::Workspace& workspace, int64_t first) {
  for (int64_t i = 0; i < n_states_; ++i) pooler_->add(workspace.state(first + i));
}

void Slot::tell_prompt_chances(const model::Workspace& workspace, int64_t first) {
  if (!wants_prompt_logits()) return;
  const std::span<const int32_t> prompt(request_->prompt);
  const size_t begin = n_cached() - pending_.size();
  // The row at a position gives the chances of the token behind it.
  for (size_t i = 0; i < pending_.size() && begin + i + 1 < prompt.size(); ++i) {
    const int32_t token = prompt[begin + i + 1];
    const auto logits = workspace.logits(first + static_cast<int64_t>(i));
    request_->sink->on_event({.kind = Event::Kind::kPromptToken,
                              .slot = index_,
                              .token = token,
                              .chances = std::make_shared<const sample::TokenChances>(
                                  sample::model_chances(logits, token, request_->chances.n_top)),
                              .timings = timings_});
  }
}

void Slot::report_progress(int64_t now_us) {
  if (!busy() || !request_->progress || timings_.n_predicted > 0) return;
  if (timings_.n_prompt > 0) timings_.prompt_us = now_us - started_us_;
  request_->sink->on_event({.kind = Event::Kind::kPrompt, .slot = index_, .timings = timings_});
}

SlotView Slot::idle_view() const {
  SlotView view = view_;
  view.busy = false;
  view.n_past = static_cast<int64_t>(n_cached());
  view.n_evaluated = timings_.n_prompt;
  view.n_decoded = 0;
  view.n_remaining = -1;
  return view;
}

const SlotView& Slot::update_view() {
  view_.busy = busy();
  if (busy()) view_.n_past = static_cast<int64_t>(n_cached());
  view_.n_evaluated = timings_.n_prompt;
  view_.n_decoded = busy() ? timings_.n_predicted : 0;
  const bool limited = busy() && request_->max_tokens >= 0;
  view_.n_remaining = limited ? request_->max_tokens - timings_.n_predicted : -1;
  return view_;
}

}  // namespace samovar::engine
