#include "sys/mapped_file.h"

#include "sys/read_ahead.h"
#include "sys/test_tree.h"

#include <signal.h>
#include <string>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <doctest/doctest.h>

namespace samovar::sys {
namespace {

TEST_CASE("a mapping shows the file's bytes") {
  const TestTree tree;
  const std::string path = tree.write("/a", "samovar");
  const auto file = MappedFile::open(path);
  REQUIRE(file.ok());
  CHECK((*file)->bytes().size() == 7);
  CHECK((*file)->bytes()[6] == std::byte{'r'});
  CHECK((*file)->path() == path);
  CHECK((*file)->modified_unix_us() > 1'600'000'000'000'000);
  CHECK((*file)->resident_bytes() <= 7);
  CHECK_FALSE((*file)->damaged());
}

TEST_CASE("what can't be a model is refused when opened") {
  const TestTree tree;
  CHECK(MappedFile::open(tree.path() + "/none").status().code() == Code::kNotFound);
  CHECK(MappedFile::open(tree.path()).status().code() == Code::kInvalidArgument);
  CHECK(MappedFile::open("/dev/zero").status().code() == Code::kInvalidArgument);
  CHECK(MappedFile::open(tree.write("/empty", "")).status().code() == Code::kInvalidArgument);
  const std::string fifo = tree.path() + "/fifo";
  REQUIRE(mkfifo(fifo.c_str(), 0600) == 0);
  CHECK(MappedFile::open(fifo).status().code() == Code::kInvalidArgument);
}

TEST_CASE("reading ahead may end before the files do, and outlive their other owners") {
  const TestTree tree;
  auto large = *MappedFile::open(tree.write("/large", std::string(20 << 20, 'x')));
  auto small = *MappedFile::open(tree.write("/small", "x"));
  const ReadAhead read_ahead({large, small});
  large.reset();
  small.reset();
}

TEST_CASE("a file just written is in the page cache") {
  const TestTree tree;
  const auto file = MappedFile::open(tree.write("/a", std::string(10'000, 'x')));
  REQUIRE(file.ok());
  CHECK((*file)->resident_bytes() == 10'000);
  CHECK((*file)->seems_resident());
}

TEST_CASE("a file truncated under its mapping reads as zeros and is marked, the process lives") {
  install_sigbus_handler();
  const TestTree tree;
  const size_t page = static_cast<size_t>(sysconf(_SC_PAGESIZE));
  const std::string path = tree.write("/a", std::string(4 * page, 'x'));
  const std::string other_path = tree.write("/b", "whole");
  const auto file = MappedFile::open(path);
  const auto other = MappedFile::open(other_path);
  REQUIRE(file.ok());
  REQUIRE(other.ok());
  REQUIRE(truncate(path.c_str(), static_cast<off_t>(page)) == 0);

  const volatile std::byte* bytes = (*file)->bytes().data();
  CHECK(bytes[0] == std::byte{'x'});
  CHECK_FALSE((*file)->damaged());
  CHECK(bytes[3 * page + 5] == std::byte{0});
  CHECK((*file)->damaged());
  CHECK(bytes[page] == std::byte{0});
  CHECK_FALSE((*other)->damaged());
}

TEST_CASE("a SIGBUS that is not about a mapping still ends the process") {
  install_sigbus_handler();
  install_sigbus_handler();  // a second call changes nothing
  const pid_t child = fork();
  REQUIRE(child >= 0);
  if (child == 0) {
    raise(SIGBUS);
    _exit(0);
  }
  int status = 0;
  REQUIRE(waitpid(child, &status, 0) == child);
  CHECK_FALSE((WIFEXITED(status) && WEXITSTATUS(status) == 0));
}

TEST_CASE("a new mapping does not inherit the damage of an old one") {
  const TestTree tree;
  const auto file = MappedFile::open(tree.write("/a", "x"));
  REQUIRE(file.ok());
  CHECK_FALSE((*file)->damaged());
}

}  // namespace
}  // namespace samovar::sys
