#include "store/cache.h"

#include "store/file_lock.h"
#include "sys/file.h"
#include "sys/test_tree.h"

#include <filesystem>

#include <doctest/doctest.h>

namespace samovar::store {
namespace {

namespace fs = std::filesystem;

void write_file(const std::string& path, const std::string& bytes) {
  REQUIRE(sys::write_file_atomic(path, bytes).ok());
}
std::string read_text(const std::string& path) {
  return sys::read_file(path, uint64_t{1} << 30).value_or("(cannot be read)");
}

// Puts `bytes` into the cache the way a pull does.
std::string publish(const Cache& cache, const std::string& repo, const std::string& revision,
                    const std::string& file, const std::string& key, const std::string& bytes) {
  REQUIRE(cache.prepare(repo).ok());
  write_file(cache.blob_path(repo, key), bytes);
  auto path = cache.publish(repo, {.revision = revision, .file = file, .blob_key = key});
  REQUIRE_MESSAGE(path.ok(), path.status().message());
  return *path;
}

TEST_CASE("a published file lies where the programs of the Hugging Face hub look for it") {
  const sys::TestTree folder;
  const Cache cache(folder.path());
  const std::string path = publish(cache, "user/repo", "c0ffee", "sub/x.gguf", "b10b", "bytes");
  CHECK(path == folder.path() + "/models--user--repo/snapshots/c0ffee/sub/x.gguf");
  CHECK(fs::read_symlink(path) == "../../../blobs/b10b");
  CHECK(read_text(path) == "bytes");
  CHECK(read_text(folder.path() + "/models--user--repo/refs/main") == "c0ffee");
}

TEST_CASE("the list has other programs' GGUF files too, and leaves out what is broken") {
  const sys::TestTree folder;
  const Cache cache(folder.path());
  publish(cache, "b/two--dashes", "r1", "y.gguf", "k1", "12345");
  publish(cache, "a/one", "r1", "x.gguf", "k2", "123");
  publish(cache, "a/one", "r1", "README.md", "k3", "text");
  folder.write("/models--c--plain/snapshots/r/z.gguf", "1");
  fs::create_symlink("../../blobs/gone", folder.path() + "/models--a--one/snapshots/r1/w.gguf");
  folder.write("/datasets--a--one/snapshots/r/x.gguf", "1");
  folder.write("/models--..--x/snapshots/r/x.gguf", "1");

  const auto files = cache.list();
  REQUIRE(files.ok());
  REQUIRE(files->size() == 3);
  CHECK((*files)[0].repo == "a/one");
  CHECK((*files)[0].size_bytes == 3);
  CHECK((*files)[1].repo == "b/two--dashes");
  CHECK((*files)[2].repo == "c/plain");
}

TEST_CASE("a cache that is not there is empty, a cache that is a file is an error") {
  const sys::TestTree folder;
  CHECK(Cache(folder.path() + "/none").list()->empty());
  folder.write("/file", "x");
  CHECK(Cache(folder.path() + "/file").list().status().code() == Code::kInvalidArgument);
}

TEST_CASE("refs/main decides which of two snapshots is found") {
  const sys::TestTree folder;
  const Cache cache(folder.path());
  publish(cache, "a/b", "zzz", "x.gguf", "new", "new");
  publish(cache, "a/b", "aaa", "x.gguf", "old", "old");
  publish(cache, "a/b", "zzz", "x.gguf", "new", "new");
  CHECK(cache.find("a/b", "x.gguf")->revision == "zzz");
  folder.write("/models--a--b/refs/main", "../../../etc");
  CHECK(cache.find("a/b", "x.gguf")->revision == "aaa");
  CHECK_FALSE(cache.find("a/b", "y.gguf"));
}

TEST_CASE("the branches and tags of a snapshot are told") {
  const sys::TestTree folder;
  const Cache cache(folder.path());
  publish(cache, "a/b", "r1", "x.gguf", "k", "1");
  folder.write("/models--a--b/refs/release/v2", "r1\n");
  folder.write("/models--a--b/refs/other", "r2");
  CHECK(cache.refs_to("a/b", "r1") == std::vector<std::string>{"main", "release/v2"});
  CHECK(cache.refs_to("a/b", "r3").empty());
  CHECK(cache.refs_to("c/d", "r1").empty());
}

TEST_CASE("removing takes the blob with the last link, and the folders with the last file") {
  const sys::TestTree folder;
  const Cache cache(folder.path());
  publish(cache, "a/b", "r1", "x.gguf", "k", "12345");
  publish(cache, "a/b", "r2", "x.gguf", "k", "12345");
  CHECK(*cache.remove(cache.list()->at(0)) == 0);
  CHECK(fs::exists(cache.blob_path("a/b", "k")));
  CHECK(*cache.remove(cache.list()->at(0)) == 5);
  CHECK_FALSE(fs::exists(folder.path() + "/models--a--b"));
}

TEST_CASE("removing never follows a link out of the repository") {
  const sys::TestTree folder;
  const Cache cache(folder.path() + "/cache");
  folder.write("/precious.gguf", "precious");
  REQUIRE(cache.prepare("a/b").ok());
  fs::create_directories(cache.dir() + "/models--a--b/snapshots/r");
  fs::create_symlink(folder.path() + "/precious.gguf",
                     cache.dir() + "/models--a--b/snapshots/r/x.gguf");
  CHECK(cache.remove(cache.list()->at(0)).ok());
  CHECK(read_text(folder.path() + "/precious.gguf") == "precious");
  CHECK(cache.list()->empty());
}

TEST_CASE("what a pull left unfinished is removed unless the pull is at work") {
  const sys::TestTree folder;
  const Cache cache(folder.path());
  REQUIRE(cache.prepare("a/b").ok());
  write_file(cache.partial_path("a/b", "k1"), "123");
  write_file(cache.partial_path("a/b", "k1") + ".etag", "e");
  write_file(file_note_path(cache.partial_path("a/b", "k1")), "x.gguf");
  write_file(cache.partial_path("a/b", "k2"), "12345");
  CHECK(cache.partials("a/b") == std::map<std::string, std::string>{{"k1", "x.gguf"}, {"k2", ""}});
  {
    const auto lock = FileLock::try_acquire(cache.lock_path("a/b", "k2"));
    REQUIRE(lock->has_value());
    CHECK(*cache.remove_partial("a/b", "k1") == 10);
    CHECK(*cache.remove_partial("a/b", "k2") == 0);
    CHECK(fs::exists(cache.partial_path("a/b", "k2")));
  }
  CHECK(*cache.remove_partial("a/b", "k2") == 5);
  CHECK_FALSE(fs::exists(folder.path() + "/models--a--b"));
}

TEST_CASE("a lock has one holder, and is free when the holder is gone") {
  const sys::TestTree folder;
  const std::string path = folder.path() + "/x.lock";
  {
    const auto first = FileLock::try_acquire(path);
    REQUIRE(first->has_value());
    CHECK_FALSE(FileLock::try_acquire(path)->has_value());
  }
  CHECK(FileLock::try_acquire(path)->has_value());
}

}  // namespace
}  // namespace samovar::store
