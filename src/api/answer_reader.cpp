#include "api/answer_reader.h"

#include <utility>

namespace samovar::api {
namespace {

constexpr size_t kIdCharacters = 24, kShortIdCharacters = 9;

}  // namespace

AnswerReader::AnswerReader(const AnswerReading& reading)
    : reading_(reading),
      splitter_(reading.thoughts, reading.tags,
                reading.thoughts_as_text ? ThoughtText::kAsWritten : ThoughtText::kTrimmed) {
  if (reading.tools != nullptr) parser_.emplace(*reading.tools, reading.tool_names);
}

std::vector<AnswerReader::Part> AnswerReader::push(std::string_view text) {
  std::vector<Part> out;
  read(splitter_.push(text), out);
  return out;
}

std::vector<AnswerReader::Part> AnswerReader::finish() {
  std::vector<Part> out;
  read(splitter_.finish(), out);
  if (parser_) {
    std::vector<chat::AnswerPart> rest;
    parser_->finish(rest);
    for (auto& part : rest) take(std::move(part), out);
  }
  return out;
}

void AnswerReader::read(const std::vector<ThoughtSplitter::Part>& parts, std::vector<Part>& out) {
  for (const auto& part : parts) {
    if (part.thought || !parser_) {
      const bool apart = part.thought && !reading_.thoughts_as_text;
      const auto kind = apart ? chat::AnswerPart::Kind::kThought : chat::AnswerPart::Kind::kText;
      take({kind, part.text}, out);
      continue;
    }
    std::vector<chat::AnswerPart> read;
    parser_->push(part.text, read);
    for (auto& one : read) take(std::move(one), out);
  }
}

void AnswerReader::take(chat::AnswerPart part, std::vector<Part>& out) {
  if (part.kind == chat::AnswerPart::Kind::kCall) {
    const bool is_short = reading_.tools->short_ids;
    calls_.push_back(
        {.id = is_short ? make_id("", kShortIdCharacters) : make_id("call_", kIdCharacters),
         .name = part.text});
  } else if (part.kind == chat::AnswerPart::Kind::kArguments) {
    calls_.back().arguments += part.text;
  }
  out.push_back({std::move(part), calls_.empty() ? 0 : calls_.size() - 1});
}

}  // namespace samovar::api
