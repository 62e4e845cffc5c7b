#include "api/thought_splitter.h"

#include "chat/held_text.h"

namespace samovar::api {

using chat::held_size;
using chat::without_leading_blanks;
using chat::without_trailing_blanks;

ThoughtSplitter::ThoughtSplitter(Thoughts thoughts, chat::ThoughtTags tags, ThoughtText text)
    : tags_(tags),
      as_written_(text == ThoughtText::kAsWritten),
      state_(thoughts == Thoughts::kTagged  ? State::kBefore
             : thoughts == Thoughts::kBegun ? State::kOpened
                                            : State::kAnswer) {}

std::vector<ThoughtSplitter::Part> ThoughtSplitter::push(std::string_view text) {
  std::vector<Part> out;
  held_ += text;
  chat::step_until_settled(state_, [&] { step(out); });
  return out;
}

// One state's share of what is held.
void ThoughtSplitter::step(std::vector<Part>& out) {
  const std::string_view rest = without_leading_blanks(held_);
  switch (state_) {
    case State::kBefore:
      if (rest.starts_with(tags_.open)) {
        const size_t n = held_.size() - rest.size() + tags_.open.size();
        leave_thought(as_written_ ? n : 0, out);
        if (!as_written_) held_.erase(0, n);
        state_ = State::kOpened;
      } else if (!tags_.open.starts_with(rest)) {
        state_ = State::kAnswer;
      }
      break;
    case State::kInside:
      return step_inside(out);
    case State::kOpened:  // blanks around tags are nobody's
    case State::kBehind:
      if (!as_written_) held_ = std::string(rest);
      if (!held_.empty()) state_ = state_ == State::kOpened ? State::kInside : State::kAnswer;
      break;
    case State::kAnswer:
      if (!held_.empty()) out.push_back({false, std::move(held_)});
      held_.clear();
      break;
  }
}

void ThoughtSplitter::step_inside(std::vector<Part>& out) {
  const size_t close = held_.find(tags_.close);
  if (close == std::string::npos) {
    return leave_thought(held_.size() - held_size(held_, tags_.close), out);
  }
  const size_t behind = close + tags_.close.size();
  const std::string_view before = std::string_view(held_).substr(0, close);
  const size_t n = as_written_ ? behind : without_trailing_blanks(before).size();
  leave_thought(n, out);
  held_.erase(0, behind - n);
  state_ = State::kBehind;
}

// The first `n` bytes of what is held.
void ThoughtSplitter::leave_thought(size_t n, std::vector<Part>& out) {
  if (n > 0) out.push_back({true, held_.substr(0, n)});
  held_.erase(0, n);
}

std::vector<ThoughtSplitter::Part> ThoughtSplitter::finish() {
  std::vector<Part> out;
  if (!held_.empty()) out.push_back({state_ == State::kInside, std::move(held_)});
  held_.clear();
  return out;
}

Thoughts thoughts_behind(std::string_view tail, chat::ThoughtTags tags) {
  if (tags.empty()) return Thoughts::kPlain;
  return without_trailing_blanks(tail).ends_with(tags.open) ? Thoughts::kBegun : Thoughts::kTagged;
}

}  // namespace samovar::api
