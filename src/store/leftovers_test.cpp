#include "store/leftovers.h"

#include "store/cache.h"
#include "store/file_lock.h"
#include "sys/test_tree.h"

#include <filesystem>

#include <doctest/doctest.h>

namespace samovar::store {
namespace {

namespace fs = std::filesystem;

struct Place {
  sys::TestTree tree;
  Cache cache{tree.path() + "/hub"};

  StoreOptions options() const {
    StoreOptions options;
    options.cache_dir = cache.dir();
    options.state_dir = tree.path() + "/state";
    return options;
  }
  // A file below the cache.
  std::string write(const std::string& name, std::string_view bytes) const {
    return tree.write("/hub/" + name, bytes);
  }
  std::string publish(const std::string& repo, const std::string& key) const {
    REQUIRE(cache.prepare(repo).ok());
    tree.write(cache.blob_path(repo, key).substr(tree.path().size()), "12345");
    auto link = cache.publish(repo, {.revision = "r1", .file = "x.gguf", .blob_key = key});
    REQUIRE(link.ok());
    return *link;
  }
  std::vector<std::string> removed_names() const {
    auto removed = remove_leftovers(options());
    REQUIRE(removed.ok());
    std::vector<std::string> names;
    for (const Leftover& leftover : *removed) {
      CHECK_FALSE(fs::exists(fs::symlink_status(leftover.path)));
      names.push_back(fs::path(leftover.path).filename().string());
    }
    return names;
  }
};

using Names = std::vector<std::string>;

TEST_CASE("What pulls left is found and removed, and models stay") {
  const Place place;
  const std::string link = place.publish("a/b", "k1");
  place.write("models--a--b/blobs/k2", "orphan");
  place.write("models--a--b/blobs/k3.incomplete", "half");
  place.write("models--a--b/blobs/k3.incomplete.etag", "\"e\"");
  place.write("models--a--b/refs/main.tmp-1-2", "r1");
  place.tree.write("/state/wheels/k4/work/x.whl", "wheel");
  fs::create_symlink("../../blobs/none", place.cache.dir() + "/models--a--b/snapshots/r1/y.gguf");
  fs::create_symlink("../../blobs/k2", place.cache.dir() + "/models--a--b/snapshots/r1/z.gguf.new");
  uint64_t sum_bytes = 0;
  for (const Leftover& leftover : find_leftovers(place.options())) sum_bytes += leftover.size_bytes;
  CHECK(sum_bytes == 6 + 4 + 3 + 2 + 5);
  CHECK(place.removed_names() == Names{"k4", "k2", "k3.incomplete", "k3.incomplete.etag", "y.gguf",
                                       "z.gguf.new", "main.tmp-1-2"});
  CHECK(fs::exists(link));
  CHECK(place.cache.find("a/b", "x.gguf")->size_bytes == 5);
  CHECK(find_leftovers(place.options()).empty());
}

TEST_CASE("What somebody is at work on stays") {
  const Place place;
  place.publish("a/b", "k1");
  place.write("models--a--b/blobs/k2.incomplete", "half");
  place.write("models--a--b/blobs/k3", "whole, not linked yet");
  place.write("models--a--b/refs/main.tmp-1-2", "r1");
  {
    const auto at_work = FileLock::try_acquire(place.cache.lock_path("a/b", "k3"));
    REQUIRE((at_work.ok() && at_work->has_value()));
    CHECK(place.removed_names() == Names{"k2.incomplete"});
  }
  CHECK(place.removed_names() == Names{"k3", "main.tmp-1-2"});
}

TEST_CASE("A repository of which nothing is left goes, and other things in the cache stay") {
  const Place place;
  place.write("models--a--b/blobs/k1.incomplete", "half");
  place.write("models--a--b/refs/main", "r1");
  place.write("models--a--b/.no_exist/r1/x.gguf", "");
  place.write("datasets--a--b/blobs/k1.incomplete", "not ours");
  place.write("version.txt", "1");
  CHECK(place.removed_names() == Names{"k1.incomplete"});
  CHECK_FALSE(fs::exists(place.cache.dir() + "/models--a--b"));
  CHECK(fs::exists(place.cache.dir() + "/datasets--a--b/blobs/k1.incomplete"));
  CHECK(fs::exists(place.cache.dir() + "/version.txt"));
}

TEST_CASE("Files that lie in a snapshot themselves, and blobs that are links, are no leftovers") {
  const Place place;
  place.write("models--a--b/snapshots/r1/x.gguf", "no link");
  const std::string far = place.tree.write("/elsewhere/big", "bytes");
  fs::create_directories(place.cache.dir() + "/models--a--b/blobs");
  fs::create_symlink(far, place.cache.dir() + "/models--a--b/blobs/k1");
  fs::create_symlink("../../blobs/k1", place.cache.dir() + "/models--a--b/snapshots/r1/y.gguf");
  CHECK(place.removed_names().empty());
}

TEST_CASE("A cache that is not there has no leftovers") {
  const Place place;
  CHECK(find_leftovers(place.options()).empty());
  CHECK(place.removed_names().empty());
}

}  // namespace
}  // namespace samovar::store
