// The API over HTTP, before any model is there.
#include "api/served_api.h"
#include "model/tiny_model.h"
#include "sys/test_tree.h"

#include <chrono>
#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

TEST_CASE("paths that nobody serves share one label in the metrics") {
  ServedApi served({.model_id = "m"});
  CHECK(served.ask(net::Method::kOptions, "/scan-1").status == 200);
  CHECK(served.ask(net::Method::kGet, "/scan-2").status == 404);
  CHECK(served.ask(net::Method::kGet, "/v1/models/scan-3").status == 404);
  const std::string metrics = served.ask(net::Method::kGet, "/metrics").body;
  CHECK(metrics.find("scan") == std::string::npos);
  CHECK(metrics.find(R"(samovar:requests_total{path="other",status="200"} 1)") !=
        std::string::npos);
  CHECK(metrics.find(R"(samovar:requests_total{path="/v1/models/{id}",status="404"} 1)") !=
        std::string::npos);
}

TEST_CASE("the chat page's files share the label of the page") {
  ServedApi served({.model_id = "m"});
  CHECK(served.ask(net::Method::kGet, "/").status == 200);
  CHECK(served.ask(net::Method::kGet, "/main.js").status == 200);
  CHECK(served.ask(net::Method::kGet, "/no-such.js").status == 404);
  const std::string metrics = served.ask(net::Method::kGet, "/metrics").body;
  CHECK(metrics.find(R"(samovar:requests_total{path="/",status="200"} 2)") != std::string::npos);
  CHECK(metrics.find(".js") == std::string::npos);
}

TEST_CASE("a model's entry is found by its name; a final slash lists all") {
  ServedApi served({.model_id = "a/b:c"});
  CHECK(served.ask(net::Method::kGet, "/v1/models/a/b:c").status == 200);
  CHECK(served.ask(net::Method::kGet, "/v1/models/x").status == 404);
  const net::Response all = served.ask(net::Method::kGet, "/v1/models/");
  CHECK(all.status == 200);
  CHECK(all.body == served.ask(net::Method::kGet, "/v1/models").body);
}

TEST_CASE("models are listed with the age of their files, and in Ollama's words") {
  const sys::TestTree tree;
  const std::vector<std::byte> bytes = model::tiny_model("llama").build();
  const std::string path = tree.write(
      "/tiny.gguf", std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  constexpr int64_t kChanged = 1'600'000'000;
  std::filesystem::last_write_time(
      path,
      std::chrono::file_clock::from_sys(std::chrono::sys_seconds(std::chrono::seconds(kChanged))));
  ApiOptions options;
  options.names.named.push_back({.id = "tiny", .path = path, .named = true});
  ServedApi served(std::move(options));
  for (const char* route : {"/v1/models", "/models"}) {
    CAPTURE(route);
    const json::Value list = *json::parse(served.ask(net::Method::kGet, route).body);
    REQUIRE(list["data"].size() == 1);
    CHECK(list["data"][0]["created"] == kChanged);
    REQUIRE(list["models"].size() == 1);
    CHECK(list["models"][0]["name"] == "tiny");
    CHECK(list["models"][0]["capabilities"] == json::Value::array({"completion"}));
  }
  const json::Value one = *json::parse(served.ask(net::Method::kGet, "/v1/models/tiny").body);
  CHECK(one["created"] == kChanged);
}

TEST_CASE("what reads models' files does so off the I/O threads") {
  ServedApi served({.model_id = "m"});
  served.api.finish_work();
  CHECK(served.ask(net::Method::kGet, "/livez").status == 200);
  CHECK(served.ask(net::Method::kGet, "/api/tags").status == 503);
  CHECK(served.ask(net::Method::kPost, "/api/show", R"({"model": "m"})").status == 503);
}

TEST_CASE("Ollama's clients see the newest model first") {
  const sys::TestTree tree;
  const std::vector<std::byte> bytes = model::tiny_model("llama").build();
  ApiOptions options;
  for (const int64_t age : {2, 3, 1}) {
    const std::string id = "aged-" + std::to_string(age);
    const std::string path =
        tree.write("/" + id + ".gguf",
                   std::string_view(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
    std::filesystem::last_write_time(path,
                                     std::chrono::file_clock::now() - std::chrono::hours(age));
    options.names.named.push_back({.id = id, .path = path, .named = true});
  }
  ServedApi served(std::move(options));
  const json::Value tags = *json::parse(served.ask(net::Method::kGet, "/api/tags").body);
  REQUIRE(tags["models"].size() == 3);
  for (size_t i = 0; i < 3; ++i) {
    CHECK(tags["models"][i]["name"] == "aged-" + std::to_string(i + 1));
  }
}

TEST_CASE("Anthropic's clients hear of errors in their own shape") {
  ServedApi served({.model_id = "m"});
  for (const char* path : {"/v1/messages", "/v1/messages/count_tokens"}) {
    CAPTURE(path);
    const net::Response answer = served.ask(net::Method::kPost, path, "{}");
    CHECK(answer.status == 404);
    const json::Value body = *json::parse(answer.body);
    CHECK(body["type"] == "error");
    CHECK(body["error"] ==
          json::Value({{"type", "not_found_error"}, {"message", "File Not Found"}}));
    CHECK(body["request_id"] == std::string(*answer.headers.find("X-Request-Id")));
  }
  const auto type_of = [](int status, const char* what) {
    return (*json::parse(Api::server_error(status, "/v1/messages", what).body))["error"]["type"];
  };
  CHECK(type_of(413, "too large") == "request_too_large");
  CHECK(type_of(503, "busy") == "overloaded_error");
  CHECK(type_of(500, "oops") == "api_error");
  CHECK(type_of(400, "what?") == "invalid_request_error");
  // Another path that begins alike is OpenAI's.
  const net::Response other = served.ask(net::Method::kPost, "/v1/messages-of-mine", "{}");
  CHECK((*json::parse(other.body))["error"]["type"] == "not_found_error");
}

}  // namespace
}  // namespace samovar::api
