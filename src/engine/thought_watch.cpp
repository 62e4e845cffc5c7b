#include "engine/thought_watch.h"

#include "chat/held_text.h"

#include <utility>

namespace samovar::engine {

ThoughtWatch::ThoughtWatch(ThoughtLimit limit, const tokenizer::Vocabulary& vocabulary)
    : limit_(std::move(limit)),
      decoder_(vocabulary),
      state_(!limit_.begun            ? State::kBefore
             : limit_.max_tokens == 0 ? State::kEnding
                                      : State::kInside) {}

std::optional<int32_t> ThoughtWatch::forced() const {
  if (state_ != State::kEnding) return std::nullopt;
  return limit_.ending[n_ended_];
}

void ThoughtWatch::accept(int32_t token) {
  if (state_ == State::kOver) return;
  if (state_ == State::kEnding) {
    if (++n_ended_ == limit_.ending.size()) state_ = State::kOver;
    return;
  }
  held_ += decoder_.push(token);
  if (state_ == State::kBefore) return look_for_opening();
  ++n_tokens_;
  count();
}

// As the readers of answers have it: a thought stands at the beginning, or there is none.
void ThoughtWatch::look_for_opening() {
  const std::string_view rest = chat::without_leading_blanks(held_);
  if (rest.starts_with(limit_.open)) {
    held_ = std::string(rest.substr(limit_.open.size()));
    state_ = State::kInside;
    count();
  } else if (!limit_.open.starts_with(rest)) {
    state_ = State::kOver;
  }
}

// Ends no thought amid a character, nor amid the tag that is ending it, unless that never comes.
void ThoughtWatch::count() {
  const bool closes = chat::begun_size(held_, limit_.close) > 0 &&
                      n_tokens_ < limit_.max_tokens + static_cast<int64_t>(limit_.close.size());
  if (held_.find(limit_.close) != std::string::npos) {
    state_ = State::kOver;
  } else if (n_tokens_ >= limit_.max_tokens && decoder_.held_bytes() == 0 && !closes) {
    state_ = State::kEnding;
  } else if (held_.size() > limit_.close.size()) {
    held_.erase(0, held_.size() - limit_.close.size());
  }
}

}  // namespace samovar::engine
