#include "api/api.h"

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

TEST_CASE("Answers to an allowed origin carry CORS headers, answers to others do not") {
  const Api api({.model_id = "m", .cors = {.origins = {"https://a.example"}}});
  net::Request request;
  request.headers.set("Origin", "https://a.example");
  net::Headers answer;
  api.add_headers(request, answer);
  CHECK(answer.find("Access-Control-Allow-Origin") == "https://a.example");

  request.headers.set("Origin", "https://evil.example");
  net::Headers refused;
  api.add_headers(request, refused);
  CHECK_FALSE(refused.has("Access-Control-Allow-Origin"));
}

TEST_CASE("the server's own errors have the shape of the path behind the prefix") {
  const Api api({.model_id = "m", .prefix = "/llm"});
  const auto body = [&](const char* path) {
    return api.prefixed_server_error(413, path, "too large").body;
  };
  CHECK(body("/llm/api/chat") == R"({"error":"too large"})");
  CHECK(body("/llm/v1/completions").find(R"("code":"payload_too_large")") != std::string::npos);
  CHECK(body("/llm/completion").find(R"("code":413)") != std::string::npos);
  CHECK(body("/v1/completions").find(R"("code":413)") != std::string::npos);
  CHECK(body("").find(R"("code":413)") != std::string::npos);
}

}  // namespace
}  // namespace samovar::api
