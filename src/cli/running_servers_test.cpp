#include "cli/running_servers.h"

#include <filesystem>
#include <fstream>
#include <string>
#include <unistd.h>

#include <doctest/doctest.h>

namespace samovar::cli {
namespace {

struct TemporaryFolder {
  TemporaryFolder() {
    char name[] = "/tmp/samovar-servers-XXXXXX";
    path = mkdtemp(name);
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path); }
  std::string path;
};

TEST_CASE("a server is listed while it lives and leaves nothing behind") {
  const TemporaryFolder folder;
  {
    const auto registration = ServerRegistration::create(
        folder.path, {.pid = 4321, .model = "m", .url = "u", .started_unix_s = 5});
    REQUIRE(registration.ok());
    const auto records = running_servers(folder.path);
    REQUIRE(records.ok());
    REQUIRE(records->size() == 1);
    CHECK(records->front().pid == 4321);
    CHECK(records->front().model == "m");
    CHECK(records->front().url == "u");
  }
  CHECK(running_servers(folder.path)->empty());
  CHECK(std::filesystem::is_empty(folder.path + "/servers"));
}

TEST_CASE("the record of a server that was killed is removed") {
  const TemporaryFolder folder;
  std::filesystem::create_directories(folder.path + "/servers");
  std::ofstream(folder.path + "/servers/99.lock").flush();
  std::ofstream(folder.path + "/servers/99.json") << R"({"pid": 99, "model": "m"})";
  CHECK(running_servers(folder.path)->empty());
  CHECK(std::filesystem::is_empty(folder.path + "/servers"));
}

TEST_CASE("no folder means no servers") {
  CHECK(running_servers("/nonexistent/state")->empty());
}

}  // namespace
}  // namespace samovar::cli
