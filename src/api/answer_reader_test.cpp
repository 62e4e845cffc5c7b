#include "api/answer_reader.h"

#include <string>

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

using Kind = chat::AnswerPart::Kind;

struct ReadAnswer {
  std::string text, thought;
  std::vector<ToolCall> calls;
  bool called = false;
};

ReadAnswer read_answer(const AnswerReading& reading, std::string_view text, size_t piece) {
  AnswerReader reader(reading);
  ReadAnswer out;
  const auto take = [&](const std::vector<AnswerReader::Part>& parts) {
    for (const auto& part : parts) {
      if (part.kind == Kind::kText) out.text += part.text;
      if (part.kind == Kind::kThought) out.thought += part.text;
      if (part.kind == Kind::kCallEnd) CHECK_FALSE(reader.calls()[part.i_call].arguments.empty());
    }
  };
  for (size_t i = 0; i < text.size(); i += piece) take(reader.push(text.substr(i, piece)));
  take(reader.finish());
  out.calls = reader.calls();
  out.called = reader.called();
  return out;
}

constexpr std::string_view kAnswer =
    "<think>\nShould I <tool_call>?\n</think>\n\nYes.\n<tool_call>\n{\"name\": \"f\", "
    "\"arguments\": {\"a\": 1}}\n</tool_call>\n<tool_call>\n{\"name\": \"g\", \"arguments\": "
    "{}}\n</tool_call>";

const AnswerReading kReading{.thoughts = Thoughts::kTagged,
                             .tags = {"<think>", "</think>"},
                             .tools = &chat::generic_tool_format()};

TEST_CASE("thoughts, text and calls are told apart, however the text comes in") {
  for (const size_t piece : {1, 2, 5, 1000}) {
    CAPTURE(piece);
    const ReadAnswer whole = read_answer(kReading, kAnswer, piece);
    CHECK(whole.thought == "Should I <tool_call>?");
    CHECK(whole.text == "Yes.");
    CHECK(whole.called);
    REQUIRE(whole.calls.size() == 2);
    CHECK(whole.calls[0].name == "f");
    CHECK(whole.calls[0].arguments == "{\"a\": 1}");
    CHECK(whole.calls[1].arguments == "{}");
    CHECK(whole.calls[0].id.starts_with("call_"));
    CHECK(whole.calls[0].id.size() == 29);
    CHECK(whole.calls[0].id != whole.calls[1].id);
  }
}

TEST_CASE("thoughts may stay in the text, as they were written") {
  AnswerReading reading = kReading;
  reading.thoughts_as_text = true;
  for (const size_t piece : {1, 3, 1000}) {
    CAPTURE(piece);
    const ReadAnswer whole = read_answer(reading, kAnswer, piece);
    CHECK(whole.thought.empty());
    CHECK(whole.text == "<think>\nShould I <tool_call>?\n</think>\n\nYes.");
    CHECK(whole.calls.size() == 2);
  }
}

TEST_CASE("without tools a call is text, and a cut call is not whole") {
  AnswerReading reading = kReading;
  const ReadAnswer cut = read_answer(reading, kAnswer.substr(0, kAnswer.size() - 20), 1000);
  CHECK_FALSE(cut.called);
  reading.tools = nullptr;
  CHECK(read_answer(reading, kAnswer, 1000).text.starts_with("Yes.\n<tool_call>"));
  CHECK_FALSE(read_answer(reading, kAnswer, 1000).called);
}

}  // namespace
}  // namespace samovar::api
