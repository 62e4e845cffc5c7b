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
  explicit WatchedServer(const TinyServedModel& tiny) {
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

  Served served{{.model_id = "m"}, false};
  engine::Engine* engine;
  std::shared_ptr<engine::EventSink> nobody = std::make_shared<NobodysSink>();
};

std::string id_of_text(Served& served, const std::string& text) {
  return json::dump(served.post("/tokenize", R"({"content": ")" + text + "\"}")["tokens"][0]);
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
