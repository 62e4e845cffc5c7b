// Which node is asked, and by which headers.
#include "cloud/node_target.h"

#include <doctest/doctest.h>

namespace samovar::cloud {
namespace {

TEST_CASE("A node and a folder become their headers") {
  const auto target = NodeTarget::from_flags("bt1node", "", "b1gfolder", "https://node.test/x/");
  REQUIRE(target.ok());
  CHECK(target->headers().find("x-node-id") == "bt1node");
  CHECK(target->headers().find("x-folder-id") == "b1gfolder");
  CHECK_FALSE(target->headers().has("x-node-alias"));
  CHECK(target->url == "https://node.test/x");
}

TEST_CASE("An alias gets the console's prefix unless it has one") {
  const auto plain = NodeTarget::from_flags("", "saiga", "f", "https://n.test");
  const auto whole = NodeTarget::from_flags("", "datasphere.team.saiga", "f", "https://n.test");
  REQUIRE(plain.ok());
  REQUIRE(whole.ok());
  CHECK(plain->headers().find("x-node-alias") == "datasphere.user.saiga");
  CHECK(whole->headers().find("x-node-alias") == "datasphere.team.saiga");
}

TEST_CASE("What can't be an identifier or an address is refused by its flag") {
  const auto said = [](const char* node, const char* alias, const char* folder, const char* url) {
    const auto target = NodeTarget::from_flags(node, alias, folder, url);
    return std::string(target.status().message());
  };
  CHECK(said("", "", "f", "https://n.test") == "expected either --node ID or --alias NAME");
  CHECK(said("a", "b", "f", "https://n.test") == "expected either --node ID or --alias NAME");
  CHECK(said("a\r\nx: y", "", "f", "https://n.test").starts_with("--node: "));
  CHECK(said("a", "", "", "https://n.test").starts_with("--folder: "));
  CHECK(said("a", "", "f", "ftp://n.test").starts_with("--node-api: "));
  CHECK(said("a", "", "f", "://").starts_with("--node-api: "));
}

}  // namespace
}  // namespace samovar::cloud
