#include "sys/process_list.h"

#include "sys/test_tree.h"

#include <string>
#include <unistd.h>

#include <doctest/doctest.h>

namespace samovar::sys {
namespace {

std::string with_zeros(std::string text) {
  for (char& c : text) {
    if (c == '|') c = '\0';
  }
  return text;
}

TEST_CASE("Processes are found by a variable of their environment, whole and by value") {
  const TestTree tree;
  tree.write("/12/environ", with_zeros("A=1|MARK=1|MODEL=/m/x.gguf|"));
  tree.write("/12/cmdline", with_zeros("uvicorn|--host=::1|--port|8000|"));
  tree.write("/12/stat", "12 (a) b) S 1 1 1 0 -1 0 0 0 0 0 0 0 0 0 20 0 1 0 500 1 1");
  tree.write("/stat", "cpu 1 2\nbtime 1700000000\n");
  tree.write("/9/environ", with_zeros("MARK=1|"));
  tree.write("/9/cmdline", "");
  tree.write("/13/environ", with_zeros("MARK=10|"));
  tree.write("/14/environ", with_zeros("A=MARK=1|"));
  tree.write("/self/environ", with_zeros("MARK=1|"));
  const auto found = processes_with("MARK=1", tree.path());
  REQUIRE(found.size() == 2);
  CHECK(found[0].pid == 9);
  CHECK(found[0].arguments.empty());
  CHECK(found[1].pid == 12);
  CHECK(found[0].started_unix_s == 0);
  CHECK(found[1].started_unix_s == 1'700'000'000 + 500 / sysconf(_SC_CLK_TCK));
  CHECK(found[1].variable("MODEL") == "/m/x.gguf");
  CHECK(found[1].variable("NONE").empty());
  CHECK(found[1].argument_of("--host") == "::1");
  CHECK(found[1].argument_of("--port") == "8000");
  CHECK(found[1].argument_of("--por").empty());
}

}  // namespace
}  // namespace samovar::sys
