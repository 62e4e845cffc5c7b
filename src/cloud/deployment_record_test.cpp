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
  record.alias = "saiga";
  record.active = "bt1b";
  record.put({"a", "bt1a", "cr.yandex/x/a:1"});
  record.put({"b", "bt1b", "cr.yandex/x/b:1"});
  record.put({"a2", "bt1a", "cr.yandex/x/a:2"});
  REQUIRE(record.save(file.path).ok());
  const auto read = DeploymentRecord::load(file.path);
  REQUIRE(read.ok());
  CHECK(read->alias == "saiga");
  CHECK(read->active == "bt1b");
  REQUIRE(read->nodes.size() == 2);
  CHECK(read->find("a2")->id == "bt1a");
  CHECK(read->find("bt1b")->image == "cr.yandex/x/b:1");
  CHECK(read->find("a") == nullptr);
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
  REQUIRE(sys::write_file_atomic(file.path, "{").ok());
  CHECK_FALSE(DeploymentRecord::load(file.path).ok());
}

}  // namespace
}  // namespace samovar::cloud
