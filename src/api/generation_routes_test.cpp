// Answers on their way back, over HTTP: queues that fill up, answers that are cut, what is counted.
#include "api/test_server.h"
#include "json/json.h"

#include <atomic>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

class NobodysSink final : public engine::EventSink {
 public:
  void on_event(const engine::Event&) override {}
};

// A server whose model the test knows, and what comes between an event and the I/O thread.
struct WatchedServer {
  explicit WatchedServer(const TinyServedModel& tiny, ApiOptions options = {.model_id = "m"})
      : served(std::move(options), false) {
    ServedPointer model = tiny.make();
    engine = model->engine.get();
    served.api.set_model(std::move(model));
  }
  void fill_queue() const {
    while (engine->submit({.prompt = {1, 2}, .max_tokens = 1, .sink = nobody}).ok()) {
    }
  }
  // Whenever something has happened, others fill the queue before the request hears of it: the
  // engine waits so long.
  void crowd() {
    served.api.set_poster([this](std::function<void()> task) {
      fill_queue();
      const auto heard = std::make_shared<std::promise<void>>();
      served.post_task(std::move(task));
      served.post_task([heard] { heard->set_value(); });
      heard->get_future().wait();
    });
  }

  Served served;
  engine::Engine* engine;
  std::shared_ptr<engine::EventSink> nobody = std::make_shared<NobodysSink>();
};

std::string id_of_text(Served& served, const std::string& text) {
  return json::dump(served.post("/tokenize", R"({"content": ")" + text + "\"}")["tokens"][0]);
}

// The data of a stream's events but [DONE].
std::vector<json::Value> events_of(Served& served, const std::string& path,
                                   const std::string& body) {
  const std::string text = served.ask(net::Method::kPost, path, body).body;
  constexpr std::string_view kData = "data: ";
  std::vector<json::Value> out;
  for (size_t at = text.find(kData); at != std::string::npos; at = text.find(kData, at)) {
    at += kData.size();
    const std::string line = text.substr(at, text.find('\n', at) - at);
    if (line != "[DONE]") out.push_back(*json::parse(line));
  }
  return out;
}

TEST_CASE("a full queue holds up the other choices of an answer, and loses none") {
  for (const int64_t n_slots : {1, 2}) {
    CAPTURE(n_slots);
    WatchedServer server({.n_slots = n_slots, .max_queue = 1});
    server.crowd();
    const json::Value answer = server.served.post(
        "/completion", R"({"prompt": [1, 2, 3], "n": 5, "n_predict": 3, "ignore_eos": true})");
    REQUIRE(answer.size() == 5);
    for (const json::Value& choice : answer) CHECK(choice["tokens_predicted"] == 3);
  }
}

TEST_CASE("a full queue holds up the other texts of an embedding, and loses none") {
  WatchedServer server({.n_slots = 1, .max_queue = 1});
  server.crowd();
  const json::Value answer =
      server.served.post("/v1/embeddings", R"({"input": ["a", "b", "c", "d"]})");
  CHECK(answer["data"].size() == 4);
}

TEST_CASE("a request that waits for a slot for too long is told to come again") {
  ApiOptions options{.model_id = "m"};
  options.queue_timeout_us = 1;
  WatchedServer server({.n_slots = 1, .n_ctx = 8192}, std::move(options));
  engine::Request running{.prompt = {1, 2}, .ignore_end = true, .sink = server.nobody};
  const auto sign = running.stop_sign;
  REQUIRE(server.engine->submit(std::move(running)).ok());
  const auto refusal = [&](const std::string& path, const std::string& members) {
    const net::Response answer = server.served.ask(
        net::Method::kPost, path, R"({"prompt": "a", "input": "a", "max_tokens": 1)" + members);
    CAPTURE(path);
    CHECK(answer.status == 503);
    CHECK(answer.headers.find("Retry-After").has_value());
    return *json::parse(answer.body);
  };
  CHECK(refusal("/v1/completions", "}")["error"]["type"] == "unavailable_error");
  CHECK(refusal("/v1/embeddings", "}")["error"]["type"] == "unavailable_error");
  CHECK(refusal("/completion", "}")["error"]["code"] == 503);
  CHECK(refusal("/api/generate", R"(, "model": "m", "stream": false})")["error"].is_string());
  const auto events =
      events_of(server.served, "/v1/completions", R"({"prompt": "a", "stream": true})");
  REQUIRE_FALSE(events.empty());
  CHECK(events.back()["error"]["type"] == "unavailable_error");
  sign->store(engine::StopSign::kGone);
}

TEST_CASE("a stream shows the tokens of an answer that is cut inside a character, as a whole one") {
  Served served({.model_id = "m"});
  const std::string lead = id_of_text(served, "\u00e9");  // the first of two bytes
  const std::string wish = R"("logit_bias": [[)" + lead + R"(, 100]], "temperature": 0,)";
  const std::string body = "{" + wish + R"("prompt": "a", "n_predict": 1, "n_probs": 1)";
  const json::Value whole = served.post("/completion", body + R"(, "return_tokens": true})");
  REQUIRE(json::dump(whole["tokens"]) == "[" + lead + "]");
  json::Value ids = json::Value::array(), chances = json::Value::array();
  for (const json::Value& event : events_of(served, "/completion", body + R"(, "stream": true})")) {
    if (event["stop"] == true) continue;
    for (const json::Value& id : event["tokens"]) ids.push_back(id);
    for (const json::Value& one : event["completion_probabilities"]) chances.push_back(one);
  }
  CHECK(ids == whole["tokens"]);
  CHECK(chances == whole["completion_probabilities"]);

  const std::string chat =
      "{" + wish + R"("messages": [{"role": "user", "content": "a"}], "max_tokens": 1)";
  const auto n_shown = [&](const std::string& more) {
    size_t n = 0;
    for (const json::Value& event :
         events_of(served, "/v1/chat/completions", chat + more + R"(, "stream": true})")) {
      for (const json::Value& choice : event["choices"]) {
        const auto logprobs = choice.find("logprobs");
        if (logprobs != choice.end() && logprobs->is_object()) n += (*logprobs)["content"].size();
      }
    }
    return n;
  };
  CHECK(n_shown(R"(, "logprobs": true)") == 1);
  // Who asked for none gets no empty events: the role, and the end.
  CHECK(events_of(served, "/v1/chat/completions", chat + R"(, "stream": true})").size() == 2);
  CHECK(events_of(served, "/v1/completions",
                  body.substr(0, body.find(R"(, "n_probs")")) + R"(, "stream": true})")
            .size() == 1);
}

TEST_CASE("the tokens behind a stop string are in nobody's count") {
  WatchedServer server({.n_slots = 1});
  const std::string id = id_of_text(server.served, "a");
  // The text is looked at only once the engine has come to its own end.
  server.served.api.set_poster([&](std::function<void()> task) {
    server.served.post_task([&, task = std::move(task)] {
      while (server.engine->stats().requests_processing.load() > 0) std::this_thread::yield();
      task();
    });
  });
  const json::Value answer = server.served.post(
      "/completion", R"({"prompt": "b", "n_predict": 20, "stop": "aa", "temperature": 0,
                         "logit_bias": [[)" +
                         id + ", 100]]}");
  CHECK(answer["stop_type"] == "word");
  CHECK(answer["timings"]["predicted_n"] == 2);
  const std::string metrics = server.served.ask(net::Method::kGet, "/metrics").body;
  CHECK(metrics.find("\nllamacpp:tokens_predicted_total 2\n") != std::string::npos);
}

}  // namespace
}  // namespace samovar::api
