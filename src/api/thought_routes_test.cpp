// Thoughts over HTTP, with a template that opens one: who may think, and whose text is what.
#include "api/test_server.h"
#include "json/json.h"

#include <string>

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

constexpr const char* kOpensThought =
    "{% for m in messages %}[{{ m.content }}]{% endfor %}"
    "{% if add_generation_prompt %}<think>\n{% endif %}";

struct ThinkingServer : Served {
  ThinkingServer() : Served({.model_id = "m"}, false) {
    api.set_model(TinyServedModel{.n_slots = 2, .chat_format = kOpensThought}.make());
  }
  json::Value message(const std::string& messages, const std::string& more = "") {
    return post("/v1/chat/completions",
                R"({"temperature": 0, "max_tokens": 8, "ignore_eos": true, "messages": )" +
                    messages + more + "}")["choices"][0]["message"];
  }
  // What the model says behind `prompt`.
  std::string continued(const std::string& prompt, int64_t n) {
    const json::Value body = {
        {"prompt", prompt}, {"n_predict", n}, {"temperature", 0}, {"ignore_eos", true}};
    return post("/completion", json::dump(body))["content"];
  }
};

TEST_CASE("an answer that was begun goes on as text, though the template opens a thought") {
  ThinkingServer served;
  const std::string begun =
      R"([{"role": "user", "content": "a"}, {"role": "assistant", "content": "Yes,"}])";
  const json::Value message = served.message(begun);
  CHECK_FALSE(message.contains("reasoning_content"));
  CHECK(message["content"] == served.continued("[a]<think>\n\n</think>\n\nYes,", 8));
  CHECK(served.message(R"([{"role": "user", "content": "a"}])").contains("reasoning_content"));
}

TEST_CASE("echo repeats the beginning of an answer in front of it") {
  ThinkingServer served;
  const std::string begun =
      R"([{"role": "user", "content": "a"}, {"role": "assistant", "content": "Yes,"}])";
  const json::Value text = served.message(begun)["content"];
  const json::Value echoed = served.message(begun, R"(, "echo": true)")["content"];
  CHECK(echoed == "Yes," + text.get<std::string>());
  const json::Value unbegun =
      served.message(R"([{"role": "user", "content": "a"}])", R"(, "echo": true)");
  CHECK(unbegun["content"] == "");  // it thinks
  const std::string stream =
      served
          .ask(net::Method::kPost, "/v1/chat/completions",
               R"({"stream": true, "max_tokens": 1, "echo": true, "messages": )" + begun + "}")
          .body;
  CHECK(stream.find(R"("delta":{"content":"Yes,"})") != std::string::npos);
}

TEST_CASE("settings name the place of thoughts that was asked for") {
  ThinkingServer served;
  const auto settings = [&](const std::string& more) {
    return served.post("/v1/chat/completions",
                       R"({"verbose": true, "max_tokens": 1, "messages": [])" + more +
                           "}")["__verbose"]["generation_settings"];
  };
  CHECK(settings("")["reasoning_format"] == "deepseek");
  for (const char* name : {"none", "deepseek-legacy"}) {
    CHECK(settings(R"(, "reasoning_format": ")" + std::string(name) + "\"")["reasoning_format"] ==
          name);
  }
}

TEST_CASE("a thought that was begun goes on inside") {
  ThinkingServer served;
  const std::string begun =
      R"([{"role": "user", "content": "a"}, {"role": "assistant", "reasoning_content": "hm"}])";
  const std::string goes_on = R"(, "continue_final_message": "reasoning_content")";
  const json::Value message = served.message(begun, goes_on);
  CHECK(message["content"] == "");
  CHECK(message["reasoning_content"] == served.continued("[a]<think>\nhm", 8));

  const auto refused = [&](const std::string& messages, const std::string& more) {
    return served.ask(net::Method::kPost, "/v1/chat/completions",
                      R"({"messages": )" + messages + more + "}");
  };
  const std::string answered =
      R"([{"role": "user", "content": "a"}, {"role": "assistant", "content": "Yes,"}])";
  CHECK(refused(answered, goes_on).status == 400);
  CHECK(refused(begun, R"(, "continue_final_message": "tool_calls")").status == 400);
}

TEST_CASE("without thinking Ollama's answers hold no thought, though the template opens one") {
  ThinkingServer served;
  const std::string wish =
      R"({"model": "m", "stream": false, "options": {"temperature": 0, "num_predict": 40},
          "prompt": "a", "messages": [{"role": "user", "content": "a"}])";
  const std::string answer = served.continued("[a]<think>\n</think>", 20);
  REQUIRE(answer.size() > 4);
  const json::Value chat = served.post("/api/chat", wish + R"(, "think": false})")["message"];
  CHECK_FALSE(chat.contains("thinking"));
  CHECK(chat["content"].get<std::string>().starts_with(answer.substr(0, 4)));
  const json::Value generated = served.post("/api/generate", wish + R"(, "think": false})");
  CHECK_FALSE(generated.contains("thinking"));
  CHECK(generated["response"] == chat["content"]);
  // Left to itself it thinks.
  CHECK(served.post("/api/chat", wish + "}")["message"].contains("thinking"));
}

TEST_CASE("without thinking the form of Ollama's answers stands behind the thought's end") {
  ThinkingServer served;
  const json::Value answer =
      served.post("/api/chat",
                  R"({"model": "m", "stream": false, "think": false, "format": {"enum": ["ab"]},
          "options": {"temperature": 0}, "messages": [{"role": "user", "content": "a"}]})");
  CHECK(answer["message"]["content"] == "\"ab\"");
}

TEST_CASE("answers are text: other modalities are refused by name") {
  ThinkingServer served;
  const auto asked = [&](const std::string& modalities) {
    return served.ask(net::Method::kPost, "/v1/chat/completions",
                      R"({"max_tokens": 1, "messages": [{"role": "user", "content": "a"}],
                          "modalities": )" +
                          modalities + "}");
  };
  CHECK(asked(R"(["text"])").status == 200);
  CHECK(asked("null").status == 200);
  const net::Response refused = asked(R"(["text", "audio"])");
  CHECK(refused.status == 400);
  const json::Value error = (*json::parse(refused.body))["error"];
  CHECK(error["code"] == "unsupported_parameter");
  CHECK(error["param"] == "modalities");
}

}  // namespace
}  // namespace samovar::api
