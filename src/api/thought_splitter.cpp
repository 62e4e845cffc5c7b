#include "api/thought_splitter.h"

#include <algorithm>

namespace samovar::api {
namespace {

constexpr std::string_view kOpen = "<think>", kClose = "</think>", kBlanks = " \t\r\n";

std::string_view without_leading_blanks(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
  return text;
}

// The longest end of `text` that begins `tag`, with the blanks before it.
size_t held_size(std::string_view text, std::string_view tag) {
  size_t n = std::min(text.size(), tag.size() - 1);
  while (n > 0 && !text.ends_with(tag.substr(0, n))) --n;
  const size_t last = text.substr(0, text.size() - n).find_last_not_of(kBlanks);
  return text.size() - (last == std::string_view::npos ? 0 : last + 1);
}

}  // namespace

ThoughtSplitter::ThoughtSplitter(Thoughts thoughts)
    : state_(thoughts == Thoughts::kTagged  ? State::kBefore
             : thoughts == Thoughts::kBegun ? State::kOpened
                                            : State::kAnswer) {}

std::vector<ThoughtSplitter::Part> ThoughtSplitter::push(std::string_view text) {
  std::vector<Part> out;
  held_ += text;
  State before = state_;
  do {
    before = state_;
    step(out);
  } while (state_ != before);
  return out;
}

// One state's share of what is held.
void ThoughtSplitter::step(std::vector<Part>& out) {
  const std::string_view rest = without_leading_blanks(held_);
  switch (state_) {
    case State::kBefore:
      if (rest.starts_with(kOpen)) {
        held_ = rest.substr(kOpen.size());
        state_ = State::kOpened;
      } else if (!kOpen.starts_with(rest)) {
        state_ = State::kAnswer;
      }
      break;
    case State::kInside: {
      const size_t close = held_.find(kClose);
      const size_t n = close == std::string::npos ? held_.size() - held_size(held_, kClose)
                                                  : held_.find_last_not_of(kBlanks, close - 1) + 1;
      const size_t end = close == 0 ? 0 : std::min(n, held_.size());
      std::string thought = held_.substr(0, end);
      held_.erase(0, close == std::string::npos ? end : close + kClose.size());
      if (!thought.empty()) out.push_back({true, std::move(thought)});
      if (close != std::string::npos) state_ = State::kBehind;
      break;
    }
    case State::kOpened:  // blanks around tags are nobody's
    case State::kBehind:
      held_ = std::string(rest);
      if (!held_.empty()) state_ = state_ == State::kOpened ? State::kInside : State::kAnswer;
      break;
    case State::kAnswer:
      if (!held_.empty()) out.push_back({false, std::move(held_)});
      held_.clear();
      break;
  }
}

std::vector<ThoughtSplitter::Part> ThoughtSplitter::finish() {
  std::vector<Part> out;
  if (!held_.empty()) out.push_back({state_ == State::kInside, std::move(held_)});
  held_.clear();
  return out;
}

Thoughts thoughts_behind(std::string_view tail) {
  tail = tail.substr(0, tail.find_last_not_of(kBlanks) + 1);
  return tail.ends_with(kOpen) ? Thoughts::kBegun : Thoughts::kTagged;
}

}  // namespace samovar::api
