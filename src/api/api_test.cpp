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

}  // namespace
}  // namespace samovar::api
