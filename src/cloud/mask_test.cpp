// What is shown of others' words.
#include "cloud/mask.h"

#include <doctest/doctest.h>

namespace samovar::cloud {
namespace {

const std::vector<Secret> kSecrets = {Secret("t1.abcdefghijklmnop"), Secret("")};

TEST_CASE("A secret, and any eight characters of it, are not shown") {
  CHECK(masked("token t1.abcdefghijklmnop is bad", kSecrets) == "token [secret] is bad");
  CHECK(masked("(cdefghij)", kSecrets) == "([secret])");
  CHECK(masked("cdefghi", kSecrets) == "cdefghi");
  CHECK(masked("t1.abcdet1.abcde", kSecrets) == "[secret][secret]");
  CHECK(without_secrets("a\nt1.abcdefghijklmnop\nb", kSecrets) == "a\n[secret]\nb");
}

TEST_CASE("A message is one line and not long") {
  CHECK(masked("a\nb\tc\x7f", kSecrets) == "a b c ");
  CHECK(masked(std::string(10'000, 'x'), kSecrets).size() == 300);
}

}  // namespace
}  // namespace samovar::cloud
