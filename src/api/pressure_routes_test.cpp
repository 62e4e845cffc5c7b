// What is answered while memory is short.
#include "api/test_server.h"

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

constexpr const char* kQuestion = R"({"prompt": [1, 2, 3], "n_predict": 2})";

bool has_rung(Served& served, const std::string& rung) {
  const std::string metrics = served.ask(net::Method::kGet, "/metrics").body;
  return metrics.find("samovar:memory_pressure_rung " + rung + "\n") != std::string::npos;
}

TEST_CASE("caches and idle models are given up while requests are taken") {
  Served served({.model_id = "m"});
  served.api.set_ready();
  for (const auto rung : {plan::PressureRung::kForget, plan::PressureRung::kEndIdle}) {
    served.api.relieve(rung);
    CHECK(served.ask(net::Method::kPost, "/completion", kQuestion).status == 200);
  }
  CHECK(has_rung(served, "2"));
}

TEST_CASE("new requests are refused until memory is there again; the server stays healthy") {
  Served served({.model_id = "m"});
  served.api.set_ready();
  served.api.relieve(plan::PressureRung::kRefuse);
  for (const char* path : {"/completion", "/v1/chat/completions", "/api/chat", "/v1/embeddings"}) {
    CAPTURE(path);
    const net::Response refused = served.ask(net::Method::kPost, path, kQuestion);
    CHECK(refused.status == 503);
    CHECK(refused.headers.has("Retry-After"));
    CHECK(refused.body.find("short of memory") != std::string::npos);
  }
  CHECK(served.ask(net::Method::kGet, "/readyz").status == 200);
  CHECK(has_rung(served, "3"));
  served.api.relieve(plan::PressureRung::kNone);
  CHECK(served.ask(net::Method::kPost, "/completion", kQuestion).status == 200);
  CHECK(has_rung(served, "0"));
}

}  // namespace
}  // namespace samovar::api
