// An image to a registry that keeps what it gets.
#include "cloud/image_push.h"

#include "base/sync.h"
#include "cloud/test_image.h"
#include "json/json.h"
#include "net/http_test_support.h"

#include <cstdlib>
#include <map>
#include <zlib.h>

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace samovar::cloud {
namespace {

struct Registry {
  Mutex mutex;
  std::map<std::string, std::string> blobs;  // by digest
  std::string manifest, manifest_type;
  net::TestServer server{[this](const net::Request& request, const net::Responder& responder) {
    MutexLock lock(mutex);
    responder.send(answer(request));
  }};

  net::Response answer(const net::Request& request) {
    net::Response response = net::Response::json(200, "");
    if (request.method == net::Method::kHead) {
      const std::string digest = request.path.substr(request.path.rfind('/') + 1);
      response.status = blobs.contains(digest) ? 200 : 404;
    } else if (request.method == net::Method::kPost) {
      response.status = 202;
      response.headers.add("Location", "/up");
    } else if (request.path == "/up") {
      blobs[*net::query_value(request.query, "digest")] = request.body;
      response.status = 201;
    } else if (request.method == net::Method::kPut) {
      manifest = request.body;
      manifest_type = request.headers.find("Content-Type").value_or("");
      response.status = 201;
    }
    return response;
  }
};

std::string unpacked(const std::string& gzip) {
  std::string out(1 << 20, '\0');
  z_stream stream{};
  REQUIRE(inflateInit2(&stream, 16 + MAX_WBITS) == Z_OK);
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(gzip.data()));
  stream.avail_in = static_cast<uInt>(gzip.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  CHECK(inflate(&stream, Z_FINISH) == Z_STREAM_END);
  out.resize(stream.total_out);
  inflateEnd(&stream);
  return out;
}

TEST_CASE("All parts arrive; what is there already is not sent again") {
  setenv("no_proxy", "*", 1);
  const std::string large(500'000, 'x');
  const std::string packed = "\x1f\x8b packed already";
  const TestImage file(
      {{"config.json", R"({"a":1})"},
       {"l0", large},
       {"l1", packed},
       {"l2", "", "l0"},
       {"manifest.json", R"([{"Config":"config.json","Layers":["l0","l1","l2"]}])"}});
  Registry registry;
  const ImageName name{fmt::format("127.0.0.1:{}", registry.server.port()), "r/a", "1"};
  std::string said;
  const auto push = [&] {
    RegistryClient client(name, {}, {}, [](int64_t) {});
    said.clear();
    return push_image({file.path(), "/tmp"}, client, [&](const std::string& line) {
      said += line;
      return Status();
    });
  };
  REQUIRE(push().ok());
  CHECK(registry.blobs.size() == 3);
  for (const auto& [digest, bytes] : registry.blobs) {
    CHECK(digest == "sha256:" + store::sha256(bytes).hex());
  }
  const auto manifest = json::parse(registry.manifest);
  REQUIRE(manifest.ok());
  CHECK(registry.manifest_type == "application/vnd.docker.distribution.manifest.v2+json");
  CHECK((*manifest)["schemaVersion"] == 2);
  const auto& layers = (*manifest)["layers"];
  REQUIRE(layers.size() == 3);
  const auto bytes_of = [&](const json::Value& part) {
    const std::string& bytes = registry.blobs[part["digest"].get<std::string>()];
    CHECK(part["size"] == bytes.size());
    return bytes;
  };
  CHECK(bytes_of((*manifest)["config"]) == R"({"a":1})");
  CHECK(unpacked(bytes_of(layers[0])) == large);
  CHECK(bytes_of(layers[1]) == packed);
  CHECK(layers[2] == layers[0]);
  CHECK(said.find("there already") == std::string::npos);
  REQUIRE(push().ok());
  CHECK(said.find(": sent") == std::string::npos);
  CHECK(said.find("layer 1 of 3: 0.0 MB, sha256:") != std::string::npos);
}

TEST_CASE("A layer that is packed in a way that not all know, and a full disk, are told") {
  setenv("no_proxy", "*", 1);
  Registry registry;
  const ImageName name{fmt::format("127.0.0.1:{}", registry.server.port()), "r/a", "1"};
  RegistryClient client(name, {}, {}, [](int64_t) {});
  const auto ignore = [](const std::string&) { return Status(); };
  const TestImage zstd({{"c", "{}"},
                        {"l", "\x28\xb5\x2f\xfd..."},
                        {"manifest.json", R"([{"Config":"c","Layers":["l"]}])"}});
  CHECK(push_image({zstd.path(), "/tmp"}, client, ignore).code() == Code::kUnsupported);
  const TestImage plain(
      {{"c", "{}"}, {"l", "x"}, {"manifest.json", R"([{"Config":"c","Layers":["l"]}])"}});
  const Status full = push_image({plain.path(), "/proc"}, client, ignore);
  CHECK(full.code() == Code::kResourceExhausted);
  CHECK(full.message().find("TMPDIR names another folder") != std::string::npos);
  CHECK(registry.manifest.empty());
}

}  // namespace
}  // namespace samovar::cloud
