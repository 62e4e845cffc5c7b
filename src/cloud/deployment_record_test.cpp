// What is remembered of nodes.
#include "cloud/deployment_record.h"

#include "sys/file.h"

#include <cstdio>
#include <cstdlib>
#include <unistd.h>

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace samovar::cloud {
namespace {

struct RecordFile {
  std::string path = fmt::format("{}/samovar_record_{}.json",
                                 std::getenv("TMPDIR") ? std::getenv("TMPDIR") : "/tmp", getpid());
  ~RecordFile() { std::remove(path.c_str()); }
};

TEST_CASE("A record comes back as it was saved") {
  const RecordFile file;
  DeploymentRecord record;
  record.put({"a", "bt1a", "cr.yandex/x/a:1"});
  record.put({"b", "bt1b", "cr.yandex/x/b:1"});
  record.put({"a2", "bt1a", "cr.yandex/x/a:2"});
  record.put_alias({"saiga", {{"bt1b", 60}, {"bt1a", 40}}});
  REQUIRE(record.save(file.path).ok());
  const auto read = DeploymentRecord::load(file.path);
  REQUIRE(read.ok());
  REQUIRE(read->find_alias("saiga") != nullptr);
  CHECK(read->find_alias("saiga")->shares[0].id == "bt1b");
  CHECK(read->find_alias("saiga")->shares[1].percent == 40);
  CHECK(read->find("bt1b")->alias == "saiga");
  REQUIRE(read->nodes.size() == 2);
  CHECK(read->find("a2")->id == "bt1a");
  CHECK(read->find("bt1b")->image == "cr.yandex/x/b:1");
  CHECK(read->find("a") == nullptr);
}

TEST_CASE("What an alias leaves behind is its own nodes, and none that another alias asks") {
  DeploymentRecord record;
  for (const char* id : {"bt1a", "bt1b", "bt1c", "bt1d"}) record.put({id, id, "x"});
  record.put_alias({"saiga", {{"bt1a", 50}, {"bt1b", 50}}});
  record.put_alias({"other", {{"bt1c"}}});
  CHECK(record.left_behind("saiga").empty());
  record.put_alias({"saiga", {{"bt1d"}}});
  REQUIRE(record.left_behind("saiga").size() == 2);
  CHECK(record.left_behind("saiga")[0].id == "bt1a");
  CHECK(record.left_behind("other").empty());
  CHECK(record.alias_before("bt1c")->name == "other");
  CHECK(record.alias_before("bt1a") == nullptr);
  record.remove_alias("other");
  CHECK(record.left_behind("other").size() == 1);
}

TEST_CASE("A name that is no UTF-8 is saved as far as it is") {
  const RecordFile file;
  DeploymentRecord record;
  record.put({"a\xff", "bt1a", "cr.yandex/x/a:1"});
  REQUIRE(record.save(file.path).ok());
  CHECK(DeploymentRecord::load(file.path)->nodes[0].name == "a\xEF\xBF\xBD");
}

TEST_CASE("Without a file there is nothing, and a broken one is told") {
  const RecordFile file;
  CHECK(DeploymentRecord::load(file.path)->nodes.empty());
  REQUIRE(sys::write_file_atomic(file.path, "{}").ok());
  CHECK(DeploymentRecord::load(file.path).status().code() == Code::kCorrupt);
  REQUIRE(sys::write_file_atomic(file.path, R"({"nodes":[],"aliases":[{}]})").ok());
  CHECK(DeploymentRecord::load(file.path).status().code() == Code::kCorrupt);
  REQUIRE(sys::write_file_atomic(file.path, "{").ok());
  CHECK_FALSE(DeploymentRecord::load(file.path).ok());
}

}  // namespace
}  // namespace samovar::cloud
