#include "store/store.h"

#include "base/sync.h"
#include "net/http_server.h"
#include "store/leftovers.h"
#include "sys/file.h"
#include "sys/test_tree.h"

#include <atomic>
#include <cstdlib>

#include <doctest/doctest.h>

namespace samovar::store {
namespace {

// A store over a fresh folder that never asks the network.
struct Bench {
  sys::TestTree tree;

  Store open(const std::string& catalog = "[]") {
    StoreOptions options;
    options.cache_dir = tree.path() + "/hub";
    options.state_dir = tree.path() + "/state";
    options.catalog_file = tree.write("/catalog.yaml", catalog);
    options.offline = true;
    auto store = Store::open(std::move(options));
    REQUIRE_MESSAGE(store.ok(), store.status().message());
    return *std::move(store);
  }
  std::string publish(const Store& store, const std::string& repo, const std::string& file,
                      const std::string& bytes, const std::string& revision = "rev") {
    const std::string key = sha256(bytes).hex();
    REQUIRE(store.cache().prepare(repo).ok());
    REQUIRE(sys::write_file_atomic(store.cache().blob_path(repo, key), bytes).ok());
    return *store.cache().publish(repo, {.revision = revision, .file = file, .blob_key = key});
  }
};

std::string tiny_entry(const std::string& bytes) {
  return "- name: tiny:1m\n  description: d\n  license: MIT\n  file: t.gguf\n  sha256: " +
         sha256(bytes).hex() +
         "\n  sources:\n    - hf: {repo: u/tiny, file: t.gguf}\n    - url: https://host/t.gguf\n";
}

TEST_CASE("a model that is not here is kNotFound and the message says how to get it") {
  Bench bench;
  const Store store = bench.open();
  const auto path = store.resolve("smollm2:135m");
  CHECK(path.status().code() == Code::kNotFound);
  CHECK(path.status().message().find("samovar pull smollm2:135m") != std::string_view::npos);
  CHECK(store.resolve("none:1b").status().message().find("smollm2:135m") != std::string_view::npos);
  CHECK(store.resolve(bench.tree.path() + "/none.gguf").status().code() == Code::kNotFound);
  CHECK(store.pull("smollm2:135m", {}).status().message().find("--offline") !=
        std::string_view::npos);
}

TEST_CASE("a file is its own path, and is never removed") {
  Bench bench;
  const Store store = bench.open();
  const std::string path = bench.tree.write("/x.gguf", "x");
  CHECK(*store.resolve(path) == path);
  CHECK(store.pull(path, {})->path == path);
  CHECK(store.remove(path).status().code() == Code::kInvalidArgument);
  CHECK(store.present(path).status().message().find("a file that samovar did not fetch") !=
        std::string_view::npos);
  CHECK(store.resolve(bench.tree.path() + "/").status().code() == Code::kInvalidArgument);
}

TEST_CASE("a catalog model is found where another program has put it, if it is the same file") {
  Bench bench;
  const Store store = bench.open(tiny_entry("right"));
  bench.publish(store, "u/tiny", "t.gguf", "wrong");
  CHECK(store.resolve("tiny:1m").status().code() == Code::kNotFound);
  const std::string path = bench.publish(store, "u/tiny", "t.gguf", "right");
  CHECK(*store.resolve("tiny:1m") == path);
  CHECK(*store.resolve("tiny") == path);
  CHECK(store.display_name(store.cache().list()->at(0)) == "tiny:1m");
  CHECK(store.pull("tiny:1m", {})->source == "");
}

TEST_CASE("a repository's model is found by its quantization or its file") {
  Bench bench;
  const Store store = bench.open();
  const std::string q4 = bench.publish(store, "u/r", "x-Q4_K_M.gguf", "4");
  const std::string q8 = bench.publish(store, "u/r", "x-Q8_0.gguf", "8");
  CHECK(*store.resolve("hf:u/r") == q4);
  CHECK(*store.resolve("u/r:q8_0") == q8);
  CHECK(*store.resolve("hf:u/r:x-Q8_0.gguf") == q8);
  CHECK(store.resolve("hf:u/r:Q2_K").status().code() == Code::kNotFound);
}

TEST_CASE("removing a model frees its bytes, and those of its unfinished pull") {
  Bench bench;
  const Store store = bench.open(tiny_entry("right"));
  bench.publish(store, "samovar/tiny-1m", "t.gguf", "right");
  REQUIRE(store.cache().prepare("u/tiny").ok());
  const std::string partial = store.cache().partial_path("u/tiny", "k");
  REQUIRE(sys::write_file_atomic(partial, "abc").ok());
  REQUIRE(sys::write_file_atomic(file_note_path(partial), "t.gguf").ok());
  CHECK(*store.remove("tiny:1m") == 5 + 3 + 6);
  CHECK(store.remove("tiny:1m").status().code() == Code::kNotFound);
}

TEST_CASE("removing leaves the unfinished pulls of a repository's other files") {
  Bench bench;
  const Store store = bench.open();
  bench.publish(store, "u/r", "x-Q4_K_M.gguf", "4");
  const std::string others = store.cache().partial_path("u/r", "k8");
  const std::string unknown = store.cache().partial_path("u/r", "k0");
  REQUIRE(sys::write_file_atomic(others, "abc").ok());
  REQUIRE(sys::write_file_atomic(file_note_path(others), "x-Q8_0.gguf").ok());
  REQUIRE(sys::write_file_atomic(unknown, "abc").ok());
  CHECK(*store.remove("hf:u/r:Q4_K_M") == 1);
  CHECK(sys::read_file(others, 10).ok());
  CHECK(sys::read_file(unknown, 10).ok());  // another program's: `samovar gc` knows it
  CHECK(*store.remove("hf:u/r:Q8_0") == 3 + 11);
  CHECK(sys::read_file(unknown, 10).ok());
}

TEST_CASE("removing takes a model's file out of all snapshots unless a revision is named") {
  Bench bench;
  const Store store = bench.open();
  bench.publish(store, "u/r", "x-Q4_K_M.gguf", "old", "r1");
  bench.publish(store, "u/r", "x-Q4_K_M.gguf", "newer", "r2");
  bench.publish(store, "u/r", "x-Q8_0.gguf", "8", "r2");
  CHECK(*store.remove("hf:u/r@r1:Q4_K_M") == 3);
  bench.publish(store, "u/r", "x-Q4_K_M.gguf", "old", "r1");
  CHECK(*store.remove("hf:u/r:Q4_K_M") == 8);
  CHECK(store.resolve("hf:u/r:Q4_K_M").status().code() == Code::kNotFound);
  CHECK(store.resolve("hf:u/r:Q8_0").ok());
}

TEST_CASE("what is said of an address holds nothing that only its owner may know") {
  Bench bench;
  const Store store = bench.open();
  const std::string url = "https://bob:pass@host/x.gguf?sig=1";
  for (const Status& status :
       {store.pull(url, {}).status(), store.resolve(url).status(), store.remove(url).status()}) {
    CAPTURE(status.message());
    CHECK(status.code() == Code::kNotFound);
    CHECK(status.message().starts_with("https://host/x.gguf is not on this machine"));
    CHECK(status.message().find("pass") == std::string_view::npos);
  }
}

// A server on the web for pulls, and a store that asks it.
class Web {
 public:
  explicit Web(net::Handler handler) {
    setenv("no_proxy", "*", 1);
    auto server = net::HttpServer::listen({.port = 0}, std::move(handler));
    REQUIRE(server.ok());
    server_ = *std::move(server);
    server_->start();
  }
  std::string url() const { return server_->addresses().front(); }
  StoreOptions options() const {
    StoreOptions options;
    options.cache_dir = tree_.path() + "/hub";
    options.state_dir = tree_.path() + "/state";
    options.hf_endpoint = url();
    return options;
  }

 private:
  sys::TestTree tree_;
  std::unique_ptr<net::HttpServer> server_;
};

TEST_CASE("a pull ends when it is told to, though its server says nothing, and leaves nothing") {
  std::atomic<bool> cancel = false;
  Mailbox<net::Responder> kept;
  const Web web([&](const net::Request&, const net::Responder& responder) {
    kept.send(responder);
    cancel = true;
  });
  const auto store = Store::open(web.options());
  REQUIRE(store.ok());
  for (const std::string& name : {std::string("hf:u/r"), web.url() + "/x.gguf"}) {
    CAPTURE(name);
    cancel = false;
    CHECK(store->pull(name, {}, &cancel).status().code() == Code::kCancelled);
    CHECK(find_leftovers(web.options()).empty());
  }
}

TEST_CASE("a mistyped address leaves no unfinished pull") {
  const Web web([](const net::Request&, const net::Responder& responder) {
    responder.send(net::Response::text(404, "no"));
  });
  const auto store = Store::open(web.options());
  REQUIRE(store.ok());
  CHECK(store->pull(web.url() + "/x.gguf", {}).status().code() == Code::kNotFound);
  CHECK(find_leftovers(web.options()).empty());
}

TEST_CASE("a catalog that is wrong is an error that names its line") {
  Bench bench;
  StoreOptions options;
  options.catalog_file = bench.tree.write("/bad.yaml", "- name: x\n  colour: red\n");
  const auto store = Store::open(std::move(options));
  CHECK(store.status().code() == Code::kCorrupt);
  CHECK(store.status().message().find("colour") != std::string_view::npos);
}

TEST_CASE("a catalog that is not there is an error only where somebody named it") {
  Bench bench;
  StoreOptions options;
  options.catalog_file = bench.tree.path() + "/absent.yaml";
  CHECK(Store::open(options).ok());
  options.catalog_may_be_absent = false;
  CHECK(Store::open(options).status().code() == Code::kNotFound);
}

}  // namespace
}  // namespace samovar::store
