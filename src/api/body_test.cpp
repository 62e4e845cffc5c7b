#include "api/body.h"

#include "json/json.h"
#include "net/body_budget.h"

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

constexpr size_t kMiB = size_t{1} << 20;

net::Request request_of(std::string body, const std::shared_ptr<net::BodyBudget>& budget) {
  net::Request request{.body = std::move(body)};
  request.share = std::make_shared<net::BodyShare>(budget);
  CHECK(request.share->cover(request.body.size()));
  return request;
}

// 200, or the status of the refusal.
int status_of(const net::Request& request) {
  ApiError error;
  return parse_body(request, error) ? 200 : error.http;
}

std::string text_body(size_t n_bytes) {
  return R"({"prompt": ")" + std::string(n_bytes, 'a') + "\"}";
}

TEST_CASE("the tokens of a text have their place in the budget before they are made") {
  const auto budget = std::make_shared<net::BodyBudget>(16 * kMiB);
  CHECK(status_of(request_of(text_body(kMiB), budget)) == 200);
  CHECK(budget->used_bytes() == 0);
  CHECK(status_of(request_of(text_body(4 * kMiB), budget)) == 413);
}

TEST_CASE("a large body without large texts needs room for its values only") {
  const auto budget = std::make_shared<net::BodyBudget>(16 * kMiB);
  const std::string spaces(3 * kMiB, ' ');
  CHECK(status_of(request_of("{" + spaces + "}", budget)) == 200);
  CHECK(status_of(request_of("{" + spaces + spaces + "}", budget)) == 413);
}

TEST_CASE("what has no room beside others may come again, and small bodies always have room") {
  const auto budget = std::make_shared<net::BodyBudget>(16 * kMiB);
  net::BodyShare other(budget);
  REQUIRE(other.cover(12 * kMiB));
  CHECK(status_of(request_of(text_body(kMiB), budget)) == 503);
  CHECK(status_of({.body = text_body(1000)}) == 200);
}

}  // namespace
}  // namespace samovar::api
