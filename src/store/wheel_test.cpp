#include "store/wheel.h"

#include "sys/file.h"
#include "sys/test_tree.h"

#include <utility>
#include <vector>

#include <archive.h>
#include <archive_entry.h>
#include <doctest/doctest.h>

namespace samovar::store {
namespace {

// A zip file of the given members.
std::string write_zip(const sys::TestTree& tree,
                      const std::vector<std::pair<std::string, std::string>>& members) {
  const std::string path = tree.path() + "/test.whl";
  archive* const a = archive_write_new();
  archive_write_set_format_zip(a);
  REQUIRE(archive_write_open_filename(a, path.c_str()) == ARCHIVE_OK);
  for (const auto& [name, bytes] : members) {
    archive_entry* const entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(bytes.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    REQUIRE(archive_write_header(a, entry) == ARCHIVE_OK);
    archive_write_data(a, bytes.data(), bytes.size());
    archive_entry_free(entry);
  }
  archive_write_close(a);
  archive_write_free(a);
  return path;
}

Result<std::string> read_member(const std::string& path, const std::string& member,
                                uint64_t max_bytes) {
  std::string out;
  SAMOVAR_TRY(read_wheel_member(path, member, max_bytes, [&](std::span<const std::byte> bytes) {
    out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return Status();
  }));
  return out;
}

TEST_CASE("a member of a wheel comes out as it went in") {
  const sys::TestTree tree;
  const std::string big(3'000'000, 'x');
  const std::string path = write_zip(tree, {{"p/__init__.py", "code"}, {"p/data/a.bin", big}});
  CHECK(*read_member(path, "p/data/a.bin", big.size()) == big);
  CHECK(*read_member(path, "p/__init__.py", 100) == "code");
}

TEST_CASE("a member that grows beyond its announced size is stopped") {
  const sys::TestTree tree;
  const std::string path = write_zip(tree, {{"bomb", std::string(3'000'000, 0)}});
  CHECK(read_member(path, "bomb", 2'999'999).status().code() == Code::kTooLarge);
}

TEST_CASE("a missing member, a cut wheel and a file that is no zip are told apart") {
  const sys::TestTree tree;
  const std::string path = write_zip(tree, {{"a", std::string(100'000, 'a') + "b"}, {"b", "c"}});
  CHECK(read_member(path, "c", 100).status().code() == Code::kNotFound);
  std::string bytes = *sys::read_file(path, 1 << 20);
  const std::string cut = tree.write("/cut.whl", bytes.substr(0, bytes.size() / 2));
  CHECK_FALSE(read_member(cut, "b", 100).ok());
  CHECK(read_member(tree.write("/x.whl", "no zip at all"), "a", 9).status().code() ==
        Code::kCorrupt);
  CHECK_FALSE(read_member(tree.path() + "/none.whl", "a", 9).ok());
}

TEST_CASE("a changed byte is found by the archive's own checksum") {
  const sys::TestTree tree;
  std::string text;
  for (int i = 0; i < 20'000; ++i) text += std::to_string(i * 7919 % 10'007);
  const std::string path = write_zip(tree, {{"a", text}});
  std::string bytes = *sys::read_file(path, 1 << 20);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  const auto out = read_member(tree.write("/bad.whl", bytes), "a", text.size());
  CHECK_FALSE(out.ok());
}

TEST_CASE("the GGUF file of a wheel is found by its name, the largest of several") {
  const sys::TestTree tree;
  const std::string path = write_zip(
      tree, {{"p/vocab.gguf", "12"}, {"p/model.gguf", "12345"}, {"p/notes.txt", "123456789"}});
  CHECK(find_gguf_member(path)->name == "p/model.gguf");
  CHECK(find_gguf_member(write_zip(tree, {{"a.txt", "x"}})).status().code() == Code::kNotFound);
}

}  // namespace
}  // namespace samovar::store
