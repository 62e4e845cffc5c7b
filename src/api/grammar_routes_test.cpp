// Requests whose answers keep to a form, over HTTP: where their grammars are compiled, and when.
#include "api/test_server.h"
#include "base/sync.h"
#include "json/json.h"

#include <algorithm>
#include <future>
#include <set>
#include <string>
#include <thread>

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

// Notes which threads ask for the time of day: those that handle requests do.
class NotingClock final : public Clock {
 public:
  int64_t monotonic_us() const override { return system_clock().monotonic_us(); }
  int64_t unix_us() const override {
    MutexLock lock(mutex_);
    seen_.insert(std::this_thread::get_id());
    return system_clock().unix_us();
  }
  int64_t thread_cpu_us() const override { return system_clock().thread_cpu_us(); }
  bool saw_other_than(std::thread::id id) const {
    MutexLock lock(mutex_);
    return std::any_of(seen_.begin(), seen_.end(),
                       [&](std::thread::id seen) { return seen != id; });
  }
  void forget() {
    MutexLock lock(mutex_);
    seen_.clear();
  }

 private:
  mutable Mutex mutex_;
  mutable std::set<std::thread::id> seen_ SAMOVAR_TSA(guarded_by(mutex_));
};

TEST_CASE("what compiles a grammar is not handled on the I/O thread, whatever the route") {
  NotingClock clock;
  Served served({.model_id = "m"}, false, clock);
  served.api.set_model(TinyServedModel{.n_ctx = 1024}.make());  // tools are told as a long text
  std::promise<std::thread::id> io_thread;
  served.post_task([&] { io_thread.set_value(std::this_thread::get_id()); });
  const std::thread::id io = io_thread.get_future().get();
  const auto leaves_io = [&](const std::string& path, const std::string& body) {
    clock.forget();
    served.post(path, body);
    return clock.saw_other_than(io);
  };
  const std::string chat = R"({"messages": [{"role": "user", "content": "a"}], "max_tokens": 2)";
  CHECK_FALSE(leaves_io("/v1/chat/completions", chat + "}"));
  CHECK(leaves_io("/v1/chat/completions", chat + R"(, "grammar": "root ::= \"ab\""})"));
  CHECK(leaves_io("/v1/chat/completions", chat + R"(, "json_schema": {"type": "integer"}})"));
  CHECK(
      leaves_io("/v1/chat/completions", chat + R"(, "response_format": {"type": "json_object"}})"));
  CHECK(leaves_io("/v1/chat/completions",
                  chat + R"(, "tools": [{"type": "function", "function": {"name": "f"}}]})"));
  CHECK(leaves_io("/v1/completions",
                  R"({"prompt": "a", "max_tokens": 2, "grammar": "root ::= \"ab\""})"));
  CHECK(leaves_io("/v1/completions",
                  R"({"prompt": "a", "max_tokens": 2, "json_schema": {"type": "integer"}})"));
  const std::string ollama =
      R"({"model": "m", "stream": false, "options": {"num_predict": 2}, "prompt": "a",
          "messages": [{"role": "user", "content": "a"}])";
  CHECK_FALSE(leaves_io("/api/chat", ollama + "}"));
  CHECK(leaves_io("/api/chat", ollama + R"(, "format": "json"})"));
  CHECK(leaves_io("/api/generate", ollama + R"(, "format": {"type": "integer"}})"));
  CHECK(leaves_io("/api/chat",
                  ollama + R"(, "tools": [{"type": "function", "function": {"name": "f"}}]})"));
}

TEST_CASE("the prompt's length is looked at before anything is compiled") {
  Served served({.model_id = "m"});
  const std::string text(2000, 'a');
  const auto refusal = [&](const std::string& path, const std::string& body) {
    const net::Response answer = served.ask(net::Method::kPost, path, body);
    CHECK(answer.status == 400);
    return answer.body;
  };
  const std::string wrong = R"(, "grammar": "root := oops"})";
  const std::string chat = R"({"messages": [{"role": "user", "content": ")" + text + R"("}])";
  const std::string prompt = R"({"prompt": ")" + text + "\"";
  for (const std::string& body :
       {refusal("/v1/chat/completions", chat + wrong), refusal("/v1/completions", prompt + wrong),
        refusal("/completion", prompt + wrong)}) {
    CAPTURE(body);
    CHECK(body.find("exceeds the available context size") != std::string::npos);
  }
  CHECK(refusal("/completion", R"({"prompt": "a")" + wrong).find("grammar") != std::string::npos);
}

}  // namespace
}  // namespace samovar::api
