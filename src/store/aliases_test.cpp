#include "store/aliases.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <doctest/doctest.h>

namespace samovar::store {
namespace {

TEST_CASE("aliases are kept in a file, changed and removed") {
  char folder[] = "/tmp/samovar-aliases-XXXXXX";
  REQUIRE(mkdtemp(folder) != nullptr);
  const std::string path = std::string(folder) + "/new/aliases";
  Aliases aliases(path);
  CHECK(aliases.all().empty());
  REQUIRE(aliases.set("mine", "smollm2:135m").ok());
  REQUIRE(aliases.set("other", "hf:a/b").ok());
  REQUIRE(aliases.set("mine", "phi2").ok());
  CHECK(Aliases(path).all() ==
        std::map<std::string, std::string>{{"mine", "phi2"}, {"other", "hf:a/b"}});
  CHECK(*aliases.remove("mine"));
  CHECK_FALSE(*aliases.remove("mine"));
  std::ofstream(path, std::ios::app) << "no tab\n../x\ty\n\tz\n";
  CHECK(aliases.all().size() == 1);
  std::filesystem::remove_all(folder);
}

TEST_CASE("alias names are names, never paths") {
  for (const char* name : {"a", "smollm2:135m", "hf:User/Repo.x:Q4_K_M", "_x"}) {
    CHECK(is_alias_name(name));
  }
  for (const char* name :
       {"", "/etc/passwd", "../x", "a/../b", "a/.b", ".a", "a b", "a\tb", "a\n", "a/", "a:"}) {
    CHECK_FALSE(is_alias_name(name));
  }
  CHECK_FALSE(is_alias_name(std::string(201, 'a')));
}

}  // namespace
}  // namespace samovar::store
