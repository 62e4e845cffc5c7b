#include "api/messages.h"

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

struct ReadMessages {
  Conversation conversation;
  std::optional<ApiError> error;
};

ReadMessages read_messages_of(const std::string& messages) {
  const auto body = json::parse("{\"messages\": " + messages + "}");
  REQUIRE(body.ok());
  Fields fields(*body);
  Conversation conversation = read_messages(fields);
  return {std::move(conversation), fields.error()};
}

TEST_CASE("text parts are joined; whether a developer is known is the template's affair") {
  const ReadMessages r = read_messages_of(R"([{"role": "developer", "content": "be brief"},
                          {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "input_text", "text": "b"}]}])");
  REQUIRE_FALSE(r.error);
  CHECK(r.conversation.messages[0]["role"] == "developer");
  CHECK(r.conversation.messages[1]["content"] == "a\nb");
  CHECK(r.conversation.prefill.empty());
}

TEST_CASE("a last message of the assistant is the beginning of the answer") {
  const ReadMessages r = read_messages_of(
      R"([{"role": "user", "content": "count"}, {"role": "assistant", "content": "one, "}])");
  REQUIRE_FALSE(r.error);
  CHECK(r.conversation.messages.size() == 1);
  CHECK(r.conversation.prefill == "one, ");
  const ReadMessages parts = read_messages_of(R"([{"role": "assistant", "content": [
      {"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}])");
  REQUIRE_FALSE(parts.error);
  CHECK(parts.conversation.prefill == "a\n\nb");
}

TEST_CASE("the thought of a last message comes with it, and may be all there is") {
  const ReadMessages both = read_messages_of(
      R"([{"role": "assistant", "content": "one, ", "reasoning_content": "count"}])");
  REQUIRE_FALSE(both.error);
  CHECK(both.conversation.prefill == "one, ");
  CHECK(both.conversation.prefill_thought == "count");
  const ReadMessages thought = read_messages_of(R"([{"role": "assistant", "reasoning": "count"}])");
  REQUIRE_FALSE(thought.error);
  CHECK(thought.conversation.messages.empty());
  CHECK(thought.conversation.prefill_thought == "count");
  CHECK(read_messages_of(R"([{"role": "assistant", "reasoning": "count"},
                             {"role": "user", "content": "go on"}])")
            .error);
}

TEST_CASE("each wrong message is refused with the path of what is wrong") {
  struct Case {
    const char* messages;
    const char* param;
  };
  for (const Case& c : {
           Case{R"("hi")", "messages"},
           Case{R"([1])", "messages[0]"},
           Case{R"([{"content": "x"}])", "messages[0].role"},
           Case{R"([{"role": 1, "content": "x"}])", "messages[0].role"},
           Case{R"([{"role": "user"}])", "messages[0].content"},
           Case{R"([{"role": "user", "content": 5}])", "messages[0].content"},
           Case{R"([{"role": "user", "content": [1]}])", "messages[0].content[0]"},
           Case{R"([{"role": "user", "content": [{"type": "image_url"}]}])",
                "messages[0].content[0]"},
           Case{R"([{"role": "user", "content": [{"type": "text", "text": 1}]}])",
                "messages[0].content[0].text"},
           Case{R"([{"role": "user", "content": [{"type": "odd"}]}])",
                "messages[0].content[0].type"},
           Case{R"([{"role": "assistant", "content": "a"}, {"role": "assistant", "content": "b"}])",
                "messages"},
           Case{R"([{"role": "assistant", "content": "a"},
                    {"role": "assistant", "content": null, "tool_calls": []}])",
                "messages"},
           Case{R"([{"role": "assistant", "content": null, "tool_calls": [{}]}])",
                "messages[0].tool_calls"},
           Case{R"([{"role": "assistant", "content": "", "tool_calls": [{}]}])",
                "messages[0].tool_calls"},
           Case{R"([{"role": "user", "content": "a"}, {"role": "assistant", "tool_calls": [{}]}])",
                "messages[1].tool_calls"},
       }) {
    CAPTURE(c.messages);
    const ReadMessages r = read_messages_of(c.messages);
    REQUIRE(r.error);
    CHECK(r.error->http == 400);
    CHECK(r.error->param == c.param);
  }
}

}  // namespace
}  // namespace samovar::api
