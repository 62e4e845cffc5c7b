#include "chat/tool_call_parser.h"

#include "chat/held_text.h"

#include <utility>

namespace samovar::chat {
namespace {

constexpr size_t kMaxNameBytes = 256;  // longer ones are none of ours

}  // namespace

ToolCallParser::ToolCallParser(const ToolFormat& format, std::vector<std::string> names)
    : format_(&format),
      names_(std::move(names)),
      state_(format.bare.empty() ? State::kText : State::kBeginning) {
  first_ = std::string(format.open) + std::string(format.call_begin);
  next_ =
      std::string(format.call_end) + std::string(format.between) + std::string(format.call_begin);
}

void ToolCallParser::push(std::string_view text, std::vector<AnswerPart>& out) {
  held_ += text;
  step_until_settled(state_, [&] { step(out); });
}

void ToolCallParser::finish(std::vector<AnswerPart>& out) {
  if (state_ == State::kBeginning || state_ == State::kText) {
    const size_t marker = format_->marker.empty() ? std::string::npos : held_.find(format_->marker);
    const std::string_view before = std::string_view(held_).substr(0, marker);
    const bool is_whole = marker == std::string::npos;
    leave(AnswerPart::Kind::kText, (is_whole ? before : without_trailing_blanks(before)).size(),
          out);
  }
  held_.clear();
}

void ToolCallParser::step(std::vector<AnswerPart>& out) {
  switch (state_) {
    case State::kBeginning:
      return read_beginning(out);
    case State::kText:
      return read_text(out);
    case State::kName:
      return read_name(out);
    case State::kArguments:
      return read_arguments(out);
    case State::kBehind:
      return read_behind();
    case State::kOver:
      held_.clear();
      return;
  }
}

// The first `n` bytes of what is held.
void ToolCallParser::leave(AnswerPart::Kind kind, size_t n, std::vector<AnswerPart>& out) {
  if (n > 0) out.push_back({kind, held_.substr(0, n)});
  held_.erase(0, n);
}

void ToolCallParser::read_text(std::vector<AnswerPart>& out) {
  if (format_->marker.empty()) return leave(AnswerPart::Kind::kText, held_.size(), out);
  const size_t begin = held_.find(first_);
  if (begin == std::string::npos) {
    return leave(AnswerPart::Kind::kText, held_.size() - held_size(held_, first_), out);
  }
  const std::string_view before = std::string_view(held_).substr(0, begin);
  leave(AnswerPart::Kind::kText, without_trailing_blanks(before).size(), out);
  held_.erase(0, held_.find(first_) + first_.size());
  state_ = State::kName;
}

void ToolCallParser::read_beginning(std::vector<AnswerPart>& out) {
  const std::string_view rest = without_leading_blanks(held_);
  bool may_be_call = false;
  for (const BareCall& bare : format_->bare) {
    for (const std::string& name : names_) {
      const std::string lead = std::string(bare.begin) + name + std::string(bare.middle);
      may_be_call = may_be_call || std::string_view(lead).starts_with(rest);
      if (!rest.starts_with(lead)) continue;
      held_ = rest.substr(lead.size());
      is_bare_ = true;
      return begin_call(name, out);
    }
  }
  if (!may_be_call) state_ = State::kText;
}

void ToolCallParser::begin_call(std::string name, std::vector<AnswerPart>& out) {
  out.push_back({AnswerPart::Kind::kCall, std::move(name)});
  depth_ = 0;
  in_string_ = escaped_ = false;
  state_ = State::kArguments;
}

void ToolCallParser::read_name(std::vector<AnswerPart>& out) {
  const size_t end = held_.find(format_->call_middle);
  const bool has_end = end != std::string::npos;
  const size_t n = has_end ? end : held_.size() - begun_size(held_, format_->call_middle);
  if (n > kMaxNameBytes) {
    state_ = State::kOver;
  } else if (has_end) {
    std::string name = held_.substr(0, end);
    held_.erase(0, end + format_->call_middle.size());
    begin_call(std::move(name), out);
  }
}

// How much of what is held belongs to the arguments; leaves kArguments at their end.
size_t ToolCallParser::arguments_size() {
  for (size_t i = 0; i < held_.size(); ++i) {
    const char c = held_[i];
    if (depth_ == 0 && c != '{') {  // no object: nothing of it is shown
      state_ = State::kBehind;
      return i;
    }
    if (in_string_) {
      in_string_ = escaped_ || c != '"';
      escaped_ = !escaped_ && c == '\\';
    } else if (c == '"') {
      in_string_ = true;
    } else if (c == '{' || c == '[') {
      ++depth_;
    } else if ((c == '}' || c == ']') && --depth_ == 0) {
      state_ = State::kBehind;
      return i + 1;
    }
  }
  return held_.size();
}

void ToolCallParser::read_arguments(std::vector<AnswerPart>& out) {
  const size_t n = arguments_size();
  leave(AnswerPart::Kind::kArguments, n, out);
  if (state_ == State::kBehind) out.push_back({AnswerPart::Kind::kCallEnd, ""});
}

void ToolCallParser::read_behind() {
  const bool may_go_on = format_->is_parallel && !is_bare_;
  if (may_go_on && held_.starts_with(next_)) {
    held_.erase(0, next_.size());
    state_ = State::kName;
  } else if (!may_go_on || !std::string_view(next_).starts_with(held_)) {
    state_ = State::kOver;
  }
}

}  // namespace samovar::chat
