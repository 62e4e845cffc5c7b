// Command lines for the container tool, which hold no password.
#include "cloud/registry_tool.h"

#include "cloud/tool_run.h"

#include <doctest/doctest.h>

namespace samovar::cloud {
namespace {

TEST_CASE("A dry run says each command and runs none; no password is among the words") {
  std::string said;
  RegistryTool tool("no-such-program", true, [&](const std::string& line) {
    said += line;
    return Status();
  });
  CHECK(tool.login("cr.yandex", "json_key", Secret("canary")).ok());
  CHECK(tool.build(".", "a:1", {"BASE=b"}).ok());
  CHECK(tool.stamp("a:1", "cr.yandex/r/a:1", "deploy-7").ok());
  CHECK(tool.save("cr.yandex/r/a:1", -1).ok());
  CHECK(said ==
        "+ no-such-program login --username json_key --password-stdin cr.yandex\n"
        "+ no-such-program build --platform linux/amd64 -t a:1 --build-arg BASE=b .\n"
        "+ no-such-program build --platform linux/amd64 -t cr.yandex/r/a:1 -\n"
        "+ no-such-program save cr.yandex/r/a:1\n");
}

TEST_CASE("A program gets its input, and its failure is told") {
  CHECK(tool_run({"grep", "-q", "^needle$"}, Secret("hay\nneedle\n")).ok());
  CHECK(tool_run({"sh", "-c", "exit 3"}).message() == "sh -c failed with exit code 3");
  CHECK(tool_run({"no-such-program-here"}).code() == Code::kNotFound);
  CHECK(tool_run({"cat"}, Secret(std::string(100'000, 'x'))).code() == Code::kTooLarge);
}

}  // namespace
}  // namespace samovar::cloud
