// The gateway between a client and a node that we play.
#include "cloud/gateway.h"

#include "base/sync.h"
#include "json/json.h"
#include "net/http_client.h"
#include "net/http_test_support.h"
#include "net/sse.h"

#include <cstdlib>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace samovar::cloud {
namespace {

// Gives "t1.token-1", "t1.token-2", ...
class CountingSource final : public TokenSource {
 public:
  Result<IamToken> fetch() override {
    return IamToken{Secret(fmt::format("t1.token-{}", ++n_)), 3600'000'000};
  }

 private:
  int n_ = 0;
};

const char* const kChunks =
    "data: {\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"role\":"
    "\"assistant\",\"content\":\"Hel\"}}]}\n\n"
    "data: {\"object\":\"chat.completion.chunk\",\"choices\":[{\"index\":0,\"delta\":{\"content\":"
    "\"lo\"},\"finish_reason\":\"stop\"}]}\n\ndata: [DONE]\n\n";

void send_chunks(const net::Request&, const net::Responder& responder) {
  responder.begin_stream(200, net::sse::headers());
  responder.write(kChunks);
  responder.end();
}

// A node that answers by a script, then always in the last way; and a gateway before it.
struct ServedGateway {
  std::deque<net::Handler> script;
  Mutex mutex;
  std::vector<net::Request> asked;
  int64_t waited_ms = 0;
  FakeClock clock;
  Credentials credentials{std::make_unique<CountingSource>(), clock};
  net::TestServer node{[this](const net::Request& request, const net::Responder& responder) {
    net::Handler handler;
    {
      MutexLock lock(mutex);
      asked.push_back(request);
      handler = script.front();
      if (script.size() > 1) script.pop_front();
    }
    handler(request, responder);
  }};
  std::unique_ptr<Gateway> gateway;
  std::unique_ptr<net::TestServer> front;

  explicit ServedGateway(std::deque<net::Handler> handlers, const char* key = nullptr)
      : script(std::move(handlers)) {
    setenv("no_proxy", "*", 1);
    GatewayOptions options;
    options.node = *NodeTarget::from_flags("bt1node", "", "b1gfolder", node.url(""));
    options.n_parallel = 2;
    if (key != nullptr) REQUIRE(options.keys.add(Secret(key)).ok());
    gateway = std::make_unique<Gateway>(std::move(options), credentials, clock);
    gateway->set_timer([this](int64_t delay_ms, std::function<void()> task) {
      {
        MutexLock lock(mutex);
        waited_ms += delay_ms;
        clock.advance_us(delay_ms * 1000);
      }
      task();
    });
    front =
        std::make_unique<net::TestServer>([this](net::Request request, net::Responder responder) {
          gateway->handle(std::move(request), std::move(responder));
        });
  }
  ~ServedGateway() {
    front.reset();
    gateway->finish();
  }

  net::Response get(const char* path, net::Headers headers = {}) {
    auto answer = net::HttpClient().get(front->url(path), std::move(headers));
    REQUIRE(answer.ok());
    return answer->response;
  }
  net::Response post(const char* path, const char* body, net::Headers headers = {}) {
    headers.add("Content-Type", "application/json");
    auto answer = net::HttpClient().post(front->url(path), std::move(headers), body);
    REQUIRE(answer.ok());
    return answer->response;
  }
  net::Response chat(const char* body) { return post("/v1/chat/completions", body); }
};

net::Handler gives(int status, std::string body, net::Headers headers = {}) {
  return [=](const net::Request&, const net::Responder& responder) {
    net::Response response = net::Response::json(status, body);
    for (const net::Header& header : headers) response.headers.add(header.name, header.value);
    responder.send(std::move(response));
  };
}

// The line of /metrics that counts what came from the node.
std::string bytes_counted(ServedGateway& setup) {
  const std::string text = setup.get("/metrics").body;
  const size_t at = text.find("\nsamovar_gateway_answer_bytes_total");
  return text.substr(at, text.find('\n', at + 1) - at);
}

// A stream that begins with `bytes` and breaks off once the gateway has read them: a cut may
// overtake what is under way.
void break_off(ServedGateway& setup, const net::Responder& responder, const net::Headers& headers,
               const char* bytes, std::vector<std::jthread>& cutters) {
  const std::string before = bytes_counted(setup);
  responder.begin_stream(200, headers);
  responder.write(bytes);
  cutters.emplace_back([&setup, responder, before] {
    while (bytes_counted(setup) == before) std::this_thread::yield();
    responder.abort();
  });
}

void hangs_up(const net::Request&, const net::Responder& responder) {
  responder.abort();
}

TEST_CASE("A request goes on with the node's headers, and without the client's") {
  ServedGateway setup({gives(200, R"({"data":[]})")});
  const net::Response answer = setup.get("/v1/models?a=b", {{"Authorization", "Bearer client"},
                                                            {"Cookie", "c"},
                                                            {"x-node-id", "other"},
                                                            {"X-Api-Key", "node's"}});
  CHECK(answer.status == 200);
  CHECK(answer.body == R"({"data":[]})");
  REQUIRE(setup.asked.size() == 1);
  const net::Request& asked = setup.asked[0];
  CHECK(asked.path == "/v1/models");
  CHECK(asked.query == "a=b");
  CHECK(asked.headers.find("Authorization") == "Bearer t1.token-1");
  CHECK(asked.headers.find("x-node-id") == "bt1node");
  CHECK(asked.headers.find("x-folder-id") == "b1gfolder");
  CHECK(asked.headers.find("X-Api-Key") == "node's");
  CHECK_FALSE(asked.headers.has("Cookie"));
}

TEST_CASE("A stream passes as it is; one answer is asked for as a stream and put together") {
  ServedGateway setup({send_chunks});
  CHECK(setup.chat(R"({"stream": true})").body == kChunks);
  CHECK(setup.asked[0].body == R"({"stream": true})");
  const net::Response whole = setup.chat(R"({"n": 1})");
  CHECK(setup.asked[1].body == R"({"n":1,"stream":true,"stream_options":{"include_usage":true}})");
  CHECK(whole.headers.find("Content-Type") == "application/json; charset=utf-8");
  const auto parsed = json::parse(whole.body);
  REQUIRE(parsed.ok());
  CHECK((*parsed)["choices"][0]["message"]["content"] == "Hello");
}

TEST_CASE("A node that is not ready is waited for, as long as it says") {
  ServedGateway setup({gives(503, "{}", {{"Retry-After", "7"}}), gives(503, "pulling"),
                       gives(429, "{}", {{"Retry-After", "2"}}), send_chunks});
  CHECK(setup.chat("{}").status == 200);
  CHECK(setup.waited_ms == 7000 + 2000 + 2000);  // 2000: its own pause behind a second attempt
}

TEST_CASE("Patience ends, and the node's own answer goes to the client") {
  ServedGateway setup({gives(503, R"({"error":{"message":"pulling"}})", {{"Retry-After", "200"}})});
  const net::Response answer = setup.chat("{}");
  CHECK(answer.status == 503);
  CHECK(answer.body == R"({"error":{"message":"pulling"}})");
  CHECK(answer.headers.find("Retry-After") == "200");
  CHECK(setup.asked.size() == 4);  // at 0, 200, 400 and 600 s
}

TEST_CASE("A refused token is replaced once") {
  ServedGateway setup({gives(401, "{}"), gives(200, "{}")});
  setup.credentials.authorization().status().ignore("only to have an older token");
  setup.clock.advance_us(10'000'000);
  CHECK(setup.get("/v1/models").status == 200);
  CHECK(setup.asked[0].headers.find("Authorization") == "Bearer t1.token-1");
  CHECK(setup.asked[1].headers.find("Authorization") == "Bearer t1.token-2");

  ServedGateway stubborn({gives(401, R"({"message": "no"})")});
  stubborn.credentials.authorization().status().ignore("only to have an older token");
  stubborn.clock.advance_us(10'000'000);
  const net::Response answer = stubborn.get("/v1/models");
  CHECK(answer.status == 401);
  CHECK(answer.body.find("the node API: HTTP 401: no") != std::string::npos);
  CHECK(stubborn.asked.size() == 2);
}

TEST_CASE("An error of the node never repeats the token") {
  ServedGateway setup({gives(403, R"({"error":{"message":"t1.token-1 may not"}})")});
  CHECK(setup.get("/v1/models").body == R"({"error":{"message":"[secret] may not"}})");
}

TEST_CASE("A read that broke off is repeated, a completion that may have run is not") {
  ServedGateway reading({hangs_up, gives(502, "{}"), gives(200, "{}")});
  CHECK(reading.get("/v1/models").status == 200);
  ServedGateway working({hangs_up, send_chunks});
  const net::Response answer = working.chat("{}");
  CHECK(answer.status == 502);
  CHECK(answer.body.find("it may have worked on the request") != std::string::npos);
  CHECK(working.asked.size() == 1);
  ServedGateway gone({gives(502, "{}"), send_chunks});
  CHECK(gone.chat("{}").status == 502);
}

TEST_CASE("An answer that breaks off is an error to the client, whole or streamed") {
  std::vector<std::jthread> cutters;
  ServedGateway* here = nullptr;
  ServedGateway setup({[&](const net::Request&, const net::Responder& responder) {
    break_off(*here, responder, net::sse::headers(),
              "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"}}]}\n\n", cutters);
  }});
  here = &setup;
  const net::Response whole = setup.chat("{}");
  CHECK(whole.status == 502);
  CHECK(whole.body.find("\"bad_gateway\"") != std::string::npos);
  const net::Response streamed = setup.chat(R"({"stream": true})");
  CHECK(streamed.body.find("\"node_connection_lost\"") != std::string::npos);
  CHECK(streamed.body.find("[DONE]") == std::string::npos);
}

const char* const kLines =
    " {\"message\":{\"role\":\"assistant\",\"content\":\"Hel\"},\"done\":false}\n"
    "{\"message\":{\"role\":\"assistant\",\"content\":\"lo\"},\"done\":true}";  // no line feed

void send_lines(const net::Request&, const net::Responder& responder) {
  responder.begin_stream(200, net::sse::json_lines_headers());
  responder.write(kLines);
  responder.end();
}

TEST_CASE("Ollama's lines pass as they are, or are put together") {
  ServedGateway setup({send_lines});
  CHECK(setup.post("/api/chat", "{}").body == kLines);
  CHECK(setup.asked[0].body == "{}");
  const net::Response whole = setup.post("/api/chat", R"({"stream": false})");
  CHECK(setup.asked[1].body == R"({"stream":true})");
  CHECK(whole.body ==
        "{\"message\":{\"role\":\"assistant\",\"content\":\"Hello\"},\"done\":true}\n");
}

TEST_CASE("Ollama's lines that break off end with an error, but not within a line") {
  const auto answer_to = [](const char* lines) {
    std::vector<std::jthread> cutters;
    ServedGateway* here = nullptr;
    ServedGateway setup({[&](const net::Request&, const net::Responder& responder) {
      break_off(*here, responder, net::sse::json_lines_headers(), lines, cutters);
    }});
    here = &setup;
    return net::HttpClient().post(setup.front->url("/api/chat"), {}, "{}");
  };
  const auto whole = answer_to("{\"done\":false}\n");
  REQUIRE(whole.ok());
  CHECK(whole->response.body.starts_with(
      "{\"done\":false}\n{\"error\":\"the node's answer broke off"));
  CHECK(whole->response.body.ends_with("\"}\n"));
  CHECK_FALSE(answer_to("{\"done\":fal").ok());
}

TEST_CASE("A stream that ends too soon but cleanly is no answer") {
  ServedGateway setup({[](const net::Request&, const net::Responder& responder) {
    responder.begin_stream(200, net::sse::headers());
    responder.write("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hel\"}}]}\n\n");
    responder.end();
  }});
  CHECK(setup.chat("{}").status == 502);
}

TEST_CASE("A redirect is no way to take the token elsewhere") {
  ServedGateway setup({gives(307, "", {{"Location", "http://127.0.0.1:1/"}})});
  const net::Response answer = setup.get("/v1/models");
  CHECK(answer.status == 502);
  CHECK(answer.body.find("a redirect, which credentials do not follow") != std::string::npos);
}

TEST_CASE("With keys of its own the gateway asks for them, and keeps them") {
  ServedGateway setup({gives(200, "{}")}, "sesame");
  CHECK(setup.get("/v1/models").status == 401);
  CHECK(setup.get("/v1/models", {{"X-Api-Key", "sesame"}}).status == 200);
  CHECK(setup.get("/v1/models", {{"Authorization", "Bearer sesame"}}).status == 200);
  REQUIRE(setup.asked.size() == 2);
  CHECK_FALSE(setup.asked[0].headers.has("X-Api-Key"));
  CHECK(setup.get("/metrics").status == 200);
}

TEST_CASE("Foreign host names are refused, preflights answered") {
  ServedGateway setup({gives(200, "{}")});
  CHECK(setup.get("/v1/models", {{"Host", "evil.test"}}).status == 403);
  CHECK(setup.get("/metrics", {{"Host", "evil.test"}}).status == 403);
  CHECK(setup.asked.empty());
}

TEST_CASE("Probes and metrics are the gateway's own; the node's are behind /node") {
  ServedGateway setup({gives(200, R"("the node's")")});
  CHECK(setup.get("/livez").status == 200);
  CHECK(setup.get("/readyz").status == 200);
  CHECK(setup.asked.empty());
  CHECK(setup.get("/node/metrics").body == R"("the node's")");
  CHECK(setup.asked[0].path == "/metrics");
  std::string metrics;
  do {  // an answer is counted once its bytes are on their way
    metrics = setup.get("/metrics").body;
  } while (metrics.find("samovar_gateway_requests_total{code=\"200\"} 1") == std::string::npos);
  CHECK(metrics.find("samovar_gateway_tokens_fetched_total 1") != std::string::npos);
  CHECK(metrics.find("samovar_gateway_retries_total{reason=\"not_ready\"} 0") != std::string::npos);
  setup.gateway->drain();
  CHECK(setup.get("/readyz").status == 503);
  CHECK(setup.get("/v1/models").status == 503);
}

}  // namespace
}  // namespace samovar::cloud
