#include "sys/file.h"

#include "sys/nameless_file.h"
#include "sys/test_tree.h"

#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

#include <doctest/doctest.h>

namespace samovar::sys {
namespace {

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

size_t n_files(const TestTree& tree) {
  size_t n = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(tree.path())) ++n;
  return n;
}

TEST_CASE("a file is read whole, up to the limit") {
  const TestTree tree;
  const std::string path = tree.write("/a", std::string(40'000, 'x'));
  CHECK(read_file(path, 40'000)->size() == 40'000);
  CHECK(read_file(path, 39'999).status().code() == Code::kTooLarge);
  CHECK(read_file(tree.path() + "/none", 10).status().code() == Code::kNotFound);
  CHECK_FALSE(read_file(tree.path(), 10).ok());
}

TEST_CASE("an atomic write replaces the file and leaves nothing else behind") {
  const TestTree tree;
  const std::string path = tree.write("/a", "old");
  REQUIRE(write_file_atomic(path, "new").ok());
  CHECK(*read_file(path, 100) == "new");
  CHECK(n_files(tree) == 1);
  CHECK(write_file_atomic(tree.path() + "/none/a", "x").code() == Code::kNotFound);
}

TEST_CASE("a nameless file can be written and read, and is not seen in its folder") {
  const TestTree tree;
  const auto fd = open_nameless(tree.path());
  REQUIRE(fd.ok());
  CHECK(write(*fd, "text", 4) == 4);
  char back[4] = {};
  CHECK(pread(*fd, back, sizeof back, 0) == 4);
  CHECK(std::string_view(back, 4) == "text");
  CHECK(n_files(tree) == 0);
  close(*fd);
  CHECK(open_nameless(tree.path() + "/none").status().code() == Code::kNotFound);
}

TEST_CASE("an atomic write over a folder fails and leaves no temporary file") {
  const TestTree tree;
  tree.write("/folder/file", "x");
  CHECK_FALSE(write_file_atomic(tree.path() + "/folder", "x").ok());
  CHECK(n_files(tree) == 1);
}

TEST_CASE("a file dropped without commit is removed, unless it is kept to be continued") {
  const TestTree tree;
  const std::string partial = tree.path() + "/a.part", final_path = tree.path() + "/a";
  { REQUIRE(AtomicFile::open(partial, final_path)->append(bytes_of("abc")).ok()); }
  CHECK(n_files(tree) == 0);
  {
    auto file = AtomicFile::open(partial, final_path);
    REQUIRE(file->append(bytes_of("abc")).ok());
    file->keep_partial();
  }
  CHECK(n_files(tree) == 1);
  auto file = AtomicFile::open(partial, final_path);
  REQUIRE(file.ok());
  CHECK(file->size_bytes() == 3);
  REQUIRE(file->append(bytes_of("def")).ok());
  REQUIRE(file->truncate(5).ok());
  REQUIRE(file->append(bytes_of("!")).ok());
  CHECK(file->size_bytes() == 6);
  REQUIRE(file->commit().ok());
  CHECK(*read_file(final_path, 100) == "abcde!");
  CHECK(n_files(tree) == 1);
}

TEST_CASE("an empty file is not worth keeping") {
  const TestTree tree;
  {
    auto file = AtomicFile::open(tree.path() + "/a.part", tree.path() + "/a");
    REQUIRE(file.ok());
    file->keep_partial();
  }
  CHECK(n_files(tree) == 0);
}

TEST_CASE("a temporary file is never written through a symbolic link") {
  const TestTree tree;
  tree.write("/victim", "precious");
  REQUIRE(symlink((tree.path() + "/victim").c_str(), (tree.path() + "/a.part").c_str()) == 0);
  CHECK_FALSE(AtomicFile::open(tree.path() + "/a.part", tree.path() + "/a").ok());
  CHECK(*read_file(tree.path() + "/victim", 100) == "precious");
}

TEST_CASE("a device is refused and stays") {
  CHECK(AtomicFile::open("/dev/null", "/dev/null.done").status().code() == Code::kInvalidArgument);
  CHECK(std::filesystem::exists("/dev/null"));
}

TEST_CASE("free disk space is that of the nearest existing folder") {
  const TestTree tree;
  const auto here = free_disk_bytes(tree.path());
  const auto deeper = free_disk_bytes(tree.path() + "/not/yet/there");
  REQUIRE(here.ok());
  REQUIRE(deeper.ok());
  CHECK(*here > 0);
  CHECK(free_disk_bytes("not-there-either").ok());
}

}  // namespace
}  // namespace samovar::sys
