// The routes of a server of several models over HTTP, with tiny ones.
#include "api/served_api.h"
#include "api/tiny_served_model.h"
#include "sys/file.h"
#include "sys/mapped_file.h"

#include <atomic>
#include <filesystem>
#include <string>
#include <thread>

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

Result<StartedModel> start_tiny(const std::string& id) {
  return StartedModel{TinyServedModel{.id = id}.make(), 1};
}

Result<ModelStarter> load_tiny(const ModelSource& source) {
  if (source.id == "broken") return corrupt("broken: no GGUF file");
  return ModelStarter([id = source.id](uint64_t) { return start_tiny(id); });
}

ApiOptions options_for(std::initializer_list<const char*> ids, int64_t max_loaded) {
  ApiOptions options;
  for (const char* id : ids) options.names.named.push_back({.id = id, .named = true});
  options.registry.load = load_tiny;
  options.registry.max_loaded = max_loaded;
  return options;
}

class SeveralServed : public ServedApi {
 public:
  explicit SeveralServed(ApiOptions options) : ServedApi(std::move(options)) { api.set_ready(); }

  net::Response post(const std::string& path, const std::string& body) {
    return ask(net::Method::kPost, path, body);
  }
  std::string error_code(const std::string& path, const std::string& body, int status) {
    const net::Response answer = post(path, body);
    CAPTURE(answer.body);
    CHECK(answer.status == status);
    return json::dump((*json::parse(answer.body))["error"]["code"]);
  }
  std::string state(const std::string& id) {
    const auto entry = json::parse(ask(net::Method::kGet, "/v1/models/" + id).body);
    return (*entry)["status"]["value"].get<std::string>();
  }
};

std::string completion(const std::string& model) {
  return R"({"model":")" + model + R"(","prompt":"ab","max_tokens":3,"temperature":0})";
}

TEST_CASE("a request's model is loaded, answers under its name, and makes room for the next") {
  SeveralServed served(options_for({"a", "b"}, 1));
  CHECK(served.state("a") == "unloaded");
  for (const char* id : {"a", "b", "a"}) {
    const net::Response answer = served.post("/v1/completions", completion(id));
    CHECK(answer.status == 200);
    CHECK((*json::parse(answer.body))["model"] == id);
    CHECK(served.state(id) == "loaded");
    CHECK(served.state(id == std::string("a") ? "b" : "a") == "unloaded");
  }
  CHECK(served.api.registry().totals().n_loads == 3);
  const std::string metrics = served.ask(net::Method::kGet, "/metrics").body;
  CHECK(metrics.find("llamacpp:tokens_predicted_total 9") != std::string::npos);
}

TEST_CASE("a request without a name means the first model of the command line") {
  SeveralServed served(options_for({"a", "b"}, 2));
  const auto answer = json::parse(served.post("/v1/completions", R"({"prompt":"ab"})").body);
  CHECK((*answer)["model"] == "a");
}

TEST_CASE("unknown and broken models are errors in each family's shape") {
  SeveralServed served(options_for({"a", "broken"}, 2));
  CHECK(served.error_code("/v1/completions", completion("x"), 404) == R"("model_not_found")");
  CHECK(served.error_code("/completion", completion("x"), 404) == "404");
  CHECK(served.post("/api/generate", completion("x")).body == R"({"error":"model 'x' not found"})");
  CHECK(served.error_code("/v1/completions", completion("broken"), 500) == "null");
  CHECK(served.post("/api/generate", completion("broken")).body ==
        R"({"error":"broken: no GGUF file"})");
  CHECK(served.error_code("/v1/completions", R"({"model":7})", 400) == R"("invalid_type")");
  CHECK(served.error_code("/v1/completions", "{", 400) == "null");
  CHECK(served.post("/v1/completions", completion("a")).status == 200);
}

TEST_CASE("models are loaded and unloaded by hand, named ones only where that is allowed") {
  ApiOptions options = options_for({"a", "b"}, 2);
  options.registry.may_unload_named = true;
  SeveralServed served(std::move(options));
  CHECK(served.post("/models/load", R"({"model":"a"})").body == R"({"success":true})");
  while (served.state("a") != "loaded") std::this_thread::yield();
  CHECK(served.error_code("/models/load", R"({"model":"a"})", 400) == "400");
  CHECK(served.post("/models/unload", R"({"model":"a"})").status == 200);
  while (served.api.registry().totals().n_unloads == 0) std::this_thread::yield();
  CHECK(served.state("a") == "unloaded");
  CHECK(served.error_code("/models/unload", R"({"model":"a"})", 400) == "400");
  CHECK(served.error_code("/models/load", R"({"model":"x"})", 404) == "404");
  CHECK(served.error_code("/models/load", "[]", 400) == "400");

  SeveralServed strict(options_for({"a", "b"}, 2));
  CHECK(strict.post("/v1/completions", completion("a")).status == 200);
  CHECK(strict.error_code("/models/unload", R"({"model":"a"})", 400) == "400");
  CHECK(strict.state("a") == "loaded");
}

TEST_CASE("figures with vLLM's names are of each model, and outlive it; llama-server's are sums") {
  SeveralServed served(options_for({"a", "b"}, 1));
  for (const char* id : {"a", "b", "a"}) served.post("/v1/completions", completion(id));
  const std::string text = served.ask(net::Method::kGet, "/metrics").body;
  const auto has = [&](const char* line) { return text.find(line) != std::string::npos; };
  CHECK(has("llamacpp:tokens_predicted_total 9\n"));
  CHECK(has("vllm:generation_tokens_total{model_name=\"a\"} 6\n"));
  CHECK(has("vllm:generation_tokens_total{model_name=\"b\"} 3\n"));
  CHECK(has("vllm:num_requests_running{model_name=\"b\"} 0\n"));
  CHECK(has("vllm:request_success_total{model_name=\"a\",finished_reason=\"length\"} 2\n"));
  CHECK(has("vllm:request_success_total{model_name=\"b\",finished_reason=\"length\"} 1\n"));
  CHECK(has("samovar:models_loaded 1\n"));
}

TEST_CASE("without autoload requests find only what was loaded by hand") {
  ApiOptions options = options_for({"a", "b"}, 2);
  options.autoload = false;
  SeveralServed served(std::move(options));
  CHECK(served.error_code("/v1/completions", completion("a"), 400) == R"("model_not_loaded")");
  CHECK(served.post("/models/load", R"({"model":"a"})").status == 200);
  while (served.state("a") != "loaded") std::this_thread::yield();
  CHECK(served.post("/v1/completions", completion("a")).status == 200);
}

TEST_CASE("properties and slots are those of the model that the query names") {
  SeveralServed served(options_for({"a", "b"}, 2));
  CHECK(served.ask(net::Method::kGet, "/slots").body == "[]");
  CHECK((*json::parse(served.ask(net::Method::kGet, "/props").body))["role"] == "router");
  CHECK(served.ask(net::Method::kGet, "/props?model=b").status == 400);
  CHECK(served.ask(net::Method::kGet, "/props?model=x").status == 404);
  served.post("/v1/completions", completion("b"));
  const auto props = json::parse(served.ask(net::Method::kGet, "/props?model=b").body);
  CHECK((*props)["model_alias"] == "b");
  const auto slots = json::parse(served.ask(net::Method::kGet, "/slots").body);
  REQUIRE(slots->size() == 1);
  CHECK((*slots)[0]["model"] == "b");
  CHECK(served.ask(net::Method::kGet, "/health").body ==
        R"({"status":"ok","slots_idle":1,"slots_processing":0})");
}

// A model's file that somebody cuts short and puts back, while a server has it.
class FragileFile {
 public:
  FragileFile() : path_(engine::write_test_model()) {
    sys::install_sigbus_handler();
    auto content = sys::read_file(path_, uint64_t{1} << 30);
    REQUIRE(content.ok());
    whole_ = *std::move(content);
  }
  FragileFile(const FragileFile&) = delete;
  FragileFile& operator=(const FragileFile&) = delete;
  ~FragileFile() { std::filesystem::remove_all(std::filesystem::path(path_).parent_path()); }

  void cut() const { std::filesystem::resize_file(path_, 4096); }
  void put_back() const { REQUIRE(sys::write_file_atomic(path_, whole_).ok()); }
  // Loads it as "a", and others as usual.
  ModelLoader loader() const {
    return [path = path_](const ModelSource& source) -> Result<ModelStarter> {
      if (source.id != "a") return load_tiny(source);
      SAMOVAR_ASSIGN(const auto model, engine::LoadedModel::load(path));
      return ModelStarter([model](uint64_t) -> Result<StartedModel> {
        return StartedModel{TinyServedModel{.id = "a"}.make(model), 1};
      });
    };
  }

 private:
  std::string path_, whole_;
};

TEST_CASE("the only model, cut short, makes the server unready until its file is whole again") {
  const FragileFile file;
  ApiOptions options = options_for({"a"}, 1);
  options.registry.load = file.loader();
  std::atomic<bool> unloaded = false, asked = false;
  options.registry.on_unload = [&](const auto&...) {
    unloaded = true;
    unloaded.notify_all();
    asked.wait(false);
  };
  SeveralServed served(std::move(options));
  const auto status_of = [&](const char* path) {
    return served.ask(net::Method::kGet, path).status;
  };
  REQUIRE(served.post("/v1/completions", completion("a")).status == 200);
  CHECK(status_of("/readyz") == 200);
  file.cut();
  CHECK(served.post("/v1/completions", completion("a")).status == 500);
  const net::Response unready = served.ask(net::Method::kGet, "/readyz");
  CHECK(unready.status == 503);
  CHECK(unready.body.find("cut short") != std::string::npos);
  unloaded.wait(false);  // and not tried anew yet
  CHECK(status_of("/health") == 503);
  asked = true;
  asked.notify_all();
  CHECK(served.post("/v1/completions", completion("a")).status == 500);
  CHECK(status_of("/livez") == 200);
  file.put_back();
  while (status_of("/readyz") != 200) std::this_thread::yield();
  CHECK(served.post("/v1/completions", completion("a")).status == 200);
  CHECK(status_of("/health") == 200);
}

TEST_CASE("one of several models that was cut short is loaded anew for the next request") {
  const FragileFile file;
  ApiOptions options = options_for({"a", "b"}, 2);
  options.registry.load = file.loader();
  SeveralServed served(std::move(options));
  REQUIRE(served.post("/v1/completions", completion("a")).status == 200);
  file.cut();
  CHECK(served.post("/v1/completions", completion("a")).status == 500);
  CHECK(served.ask(net::Method::kGet, "/readyz").status == 200);
  CHECK(served.post("/v1/completions", completion("b")).status == 200);
  file.put_back();
  CHECK(served.post("/v1/completions", completion("a")).status == 200);
  CHECK(served.api.registry().totals().n_loads == 3);
}

TEST_CASE("a request that only unloads loads nothing") {
  ApiOptions options = options_for({"a", "b"}, 2);
  options.registry.may_unload_named = true;
  SeveralServed served(std::move(options));
  const auto said =
      json::parse(served.post("/api/generate", R"({"model":"a","keep_alive":0})").body);
  CHECK((*said)["done_reason"] == "unload");
  CHECK(served.api.registry().totals().n_loads == 0);
  served.post("/api/generate", R"({"model":"a"})");
  CHECK(served.state("a") == "loaded");
  served.post("/api/chat", R"({"model":"a","keep_alive":"0s"})");
  while (served.state("a") != "unloaded") std::this_thread::yield();
}

}  // namespace
}  // namespace samovar::api
