// What registries ask for, and who may get the password.
#include "cloud/registry_challenge.h"

#include <doctest/doctest.h>

namespace samovar::cloud {
namespace {

using Kind = RegistryChallenge::Kind;

Result<RegistryChallenge> of(const char* text) {
  return RegistryChallenge::of({{"www-authenticate", text}});
}

TEST_CASE("A token service is named with its parameters, quoted or not, in any order") {
  const auto asked =
      of(R"(Bearer realm="https://cr.yandex/token",service="cr.yandex",scope="a,b")");
  REQUIRE(asked.ok());
  CHECK(asked->kind == Kind::kBearer);
  CHECK(asked->realm == "https://cr.yandex/token");
  CHECK(asked->service == "cr.yandex");
  const auto odd = of(R"(bearer scope="x, realm=y" , service=s, realm = "a\"b")");
  REQUIRE(odd.ok());
  CHECK(odd->realm == "a\"b");
  CHECK(odd->service == "s");
}

TEST_CASE("A password is asked for by Basic; Bearer goes first") {
  CHECK(of(R"(Basic realm="Registry Realm")")->kind == Kind::kBasic);
  const net::Headers both = {{"WWW-Authenticate", "Basic realm=r"},
                             {"WWW-Authenticate", R"(Bearer realm="https://t/")"}};
  CHECK(RegistryChallenge::of(both)->kind == Kind::kBearer);
}

TEST_CASE("What can not be met is told") {
  CHECK(of("Negotiate").status().code() == Code::kUnsupported);
  CHECK(RegistryChallenge::of({}).status().code() == Code::kUnsupported);
  CHECK(of("Bearer").status().code() == Code::kCorrupt);
  CHECK(of(R"(Bearer realm="https://t/)")->realm == "https://t/");  // the quote may be missing
}

TEST_CASE("The password goes to the registry itself, or to the token service that was named") {
  CHECK(check_realm("https://cr.yandex/token", "https://cr.yandex", "").ok());
  CHECK(check_realm("https://cr.yandex:443/token", "https://cr.yandex", "").ok());
  CHECK(check_realm("https://auth.test/t", "https://cr.test", "https://auth.test").ok());
  for (const char* realm :
       {"https://evil.test/token", "http://cr.yandex/token", "https://cr.yandex:444/token",
        "https://cr.yandex@evil.test/token", "https://cr.yandex.evil.test/", "no url", "/token"}) {
    CAPTURE(realm);
    CHECK(check_realm(realm, "https://cr.yandex", "").code() == Code::kInvalidArgument);
    CHECK_FALSE(check_realm(realm, "https://cr.yandex", "https://auth.test").ok());
  }
  CHECK(check_realm("https://evil.test/token", "https://cr.yandex", "").message() ==
        "https://cr.yandex:443 sends those who log in to another host, https://evil.test:443, "
        "which would get the password. If that is its token service: --token-service "
        "https://evil.test:443");
}

}  // namespace
}  // namespace samovar::cloud
