// The JWT that is exchanged for an IAM token.
#include "cloud/jwt.h"

#include "cloud/test_key.h"
#include "json/json.h"

#include <doctest/doctest.h>

namespace samovar::cloud {
namespace {

constexpr const char* kAudience = "https://iam.api.cloud.yandex.net/iam/v1/tokens";

TEST_CASE("base64url has no padding and no characters that URLs escape") {
  CHECK(base64url("") == "");
  CHECK(base64url("f") == "Zg");
  CHECK(base64url("fo") == "Zm8");
  CHECK(base64url("foo") == "Zm9v");
  CHECK(base64url("\xfb\xff\xfe") == "-__-");
  CHECK(from_base64url(base64url("any bytes")) == "any bytes");
}

TEST_CASE("A JWT says who asks, whom, and for how long, signed by PS256") {
  const auto key = parse_service_key(test_key_json());
  REQUIRE(key.ok());
  const auto jwt = sign_jwt(*key, kAudience, 1'700'000'000, 3600);
  REQUIRE(jwt.ok());
  const std::string& text = jwt->reveal();
  const size_t dot = text.find('.');
  const std::string header = from_base64url(text.substr(0, dot));
  const std::string claims = from_base64url(text.substr(dot + 1, text.rfind('.') - dot - 1));
  CHECK(header == R"({"typ":"JWT","alg":"PS256","kid":"ajek0test0key"})");
  const auto parsed = json::parse(claims);
  REQUIRE(parsed.ok());
  CHECK((*parsed)["iss"] == kTestAccountId);
  CHECK((*parsed)["aud"] == kAudience);
  CHECK((*parsed)["iat"] == 1'700'000'000);
  CHECK((*parsed)["exp"] == 1'700'003'600);
  CHECK(test_key_signed(text));
  CHECK_FALSE(test_key_signed("x" + text));
}

TEST_CASE("Two JWTs of the same claims differ: the signature is salted") {
  const auto key = parse_service_key(test_key_json());
  REQUIRE(key.ok());
  CHECK(sign_jwt(*key, kAudience, 1, 60)->reveal() != sign_jwt(*key, kAudience, 1, 60)->reveal());
}

TEST_CASE("A damaged private key is refused without a word of it") {
  auto key = parse_service_key(test_key_json());
  REQUIRE(key.ok());
  std::string pem = test_private_pem();
  pem.erase(200, 40);
  key->private_pem = Secret(pem);
  const auto jwt = sign_jwt(*key, kAudience, 1, 60);
  REQUIRE_FALSE(jwt.ok());
  CHECK(jwt.status().code() == Code::kInvalidArgument);
  CHECK(jwt.status().message() == "the private key is damaged or cut off: make a new one");
}

}  // namespace
}  // namespace samovar::cloud
