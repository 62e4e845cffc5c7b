// Reading of key.json.
#include "cloud/service_key.h"

#include "cloud/test_key.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace samovar::cloud {
namespace {

std::string problem(std::string_view text) {
  return std::string(parse_service_key(text).status().message());
}

TEST_CASE("A key file gives key id, account and private key") {
  const auto key = parse_service_key(test_key_json());
  REQUIRE(key.ok());
  CHECK(key->id == kTestKeyId);
  CHECK(key->service_account_id == kTestAccountId);
  CHECK(key->private_pem.reveal().ends_with(test_private_pem()));
  CHECK(fmt::format("{}", key->private_pem) == "[secret]");
}

TEST_CASE("A key file that lacks a member says which") {
  CHECK(problem(R"({"id": "a", "service_account_id": "b"})").find("`private_key`") !=
        std::string::npos);
  CHECK(problem(R"({"id": "", "service_account_id": "b"})").find("`id`") != std::string::npos);
  CHECK(problem(R"({"id": "a", "service_account_id": 1})").find("`service_account_id`") !=
        std::string::npos);
  CHECK(problem(R"({"id": "a", "service_account_id": "b", "private_key": "secret-thing"})") ==
        "`private_key` is no private key in PEM form");
  CHECK(problem("[]").find("not a JSON object") == 0);
}

TEST_CASE("A key file that is cut off anywhere is refused, and nothing of it is said") {
  const std::string& text = test_key_json();
  for (size_t n = 0; n < text.size(); n += 37) {
    const std::string said = problem(text.substr(0, n));
    CHECK(!said.empty());
    CHECK(said.find("MII") == std::string::npos);
    CHECK(said.find("BEGIN") == std::string::npos);
  }
}

}  // namespace
}  // namespace samovar::cloud
