#include "store/model_archive.h"

#include "base/clock.h"
#include "store/archive_writer.h"
#include "sys/test_tree.h"

#include <algorithm>
#include <filesystem>

#include <doctest/doctest.h>

namespace samovar::store {
namespace {

namespace fs = std::filesystem;

struct Machine {
  sys::TestTree tree;
  Cache cache{tree.path() + "/hub"};
  ProgressSink sink;
  Meter meter{sink, system_clock()};

  void publish(const std::string& repo, const std::string& file, const std::string& bytes,
               const std::string& key = "") const {
    const std::string name = key.empty() ? sha256(bytes).hex() : key;
    REQUIRE(cache.prepare(repo).ok());
    tree.write(cache.blob_path(repo, name).substr(tree.path().size()), bytes);
    REQUIRE(cache.publish(repo, {.revision = "r1", .file = file, .blob_key = name}).ok());
  }
  Result<std::string> packed() {
    std::string archive;
    SAMOVAR_TRY(write_models(cache, *cache.list(), meter, [&](std::span<const std::byte> bytes) {
      archive.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
      return Status();
    }));
    return archive;
  }
  Result<std::vector<std::string>> unpack(std::string_view archive) {
    return read_models(cache, tree.write("/a.tar", archive), meter);
  }
};

std::string pack(const std::function<void(ArchiveWriter&)>& fill) {
  std::string archive;
  auto writer = ArchiveWriter::begin([&](std::span<const std::byte> bytes) {
    archive.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return Status();
  });
  REQUIRE(writer.ok());
  fill(*writer);
  REQUIRE(writer->finish().ok());
  return archive;
}

TEST_CASE("Models that were packed are unpacked on another machine as they were") {
  Machine here, there;
  here.publish("a/b", "x.gguf", std::string(300'000, 'x'));
  here.publish("a/b", "sub/same.gguf", std::string(300'000, 'x'));
  here.publish("c/two--dashes", "y.gguf", "known by name only", "url-123");
  const auto archive = here.packed();
  REQUIRE(archive.ok());
  CHECK(archive->size() < 400'000);  // what two files share is in it once
  const auto paths = there.unpack(*archive);
  REQUIRE(paths.ok());
  CHECK(paths->size() == 3);
  const auto files = here.cache.list();
  for (const CachedFile& file : *files) {
    const auto twin = there.cache.find(file.repo, file.file);
    REQUIRE(twin);
    CHECK(twin->revision == "r1");
    CHECK(sys::read_file(twin->path, 1 << 20).value() ==
          sys::read_file(file.path, 1 << 20).value());
    CHECK(fs::path(twin->blob).filename() == fs::path(file.blob).filename());
  }
  CHECK(there.unpack(*archive)->size() == 3);  // once more: all is there
}

TEST_CASE("Branches and tags go with their snapshots, and others stay where they lead") {
  Machine here, there;
  here.publish("a/b", "x.gguf", "newer");
  here.tree.write("/hub/models--a--b/refs/main", "another");
  here.tree.write("/hub/models--a--b/refs/v2", "r1");
  there.tree.write("/hub/models--a--b/refs/main", "theirs");
  REQUIRE(there.unpack(*here.packed()).ok());
  CHECK(there.cache.find("a/b", "x.gguf", "v2")->revision == "r1");
  CHECK(sys::read_file(there.tree.path() + "/hub/models--a--b/refs/main", 100).value() == "theirs");
}

TEST_CASE("A blob that rotted is not packed, and none that rotted on the way is unpacked") {
  Machine here, there;
  here.publish("a/b", "x.gguf", "rotten", sha256("sound").hex());
  CHECK(here.packed().status().code() == Code::kCorrupt);

  Machine sound;
  sound.publish("a/b", "x.gguf", "some bytes that matter");
  std::string archive = *sound.packed();
  archive.replace(archive.find("that matter"), 4, "THAT");
  CHECK(there.unpack(archive).status().code() == Code::kCorrupt);
  CHECK(there.cache.list()->empty());
}

TEST_CASE("An archive that is cut brings no model") {
  Machine here;
  here.publish("a/b", "x.gguf", std::string(100'000, 'x'));
  const std::string archive = *here.packed();
  for (const size_t n_bytes : {size_t{0}, size_t{100}, size_t{600}, size_t{3000}, size_t{50'000}}) {
    Machine there;
    CHECK_FALSE(there.unpack(std::string_view(archive).substr(0, n_bytes)).ok());
    CHECK(there.cache.list()->empty());
  }
}

TEST_CASE("Members that lead out of the cache, or that nobody announced, are refused") {
  const std::string sum = sha256("bytes").hex();
  const auto archive = [&](const std::string& blob, const std::string& link,
                           const std::string& target) {
    return pack([&](ArchiveWriter& writer) {
      REQUIRE(writer.add_text("SHA256SUMS", sum + "  models--a--b/blobs/k\n").ok());
      REQUIRE(writer.add_link(link, target).ok());
      REQUIRE(writer.add_text(blob, "bytes").ok());
    });
  };
  const std::string blob = "models--a--b/blobs/k", link = "models--a--b/snapshots/r/x.gguf";
  const std::string target = "../../blobs/k";
  Machine good;
  CHECK(good.unpack(archive(blob, link, target)).ok());
  for (const std::string& text :
       {archive("models--a--b/blobs/../../../evil", link, target),
        archive("/etc/evil", link, target), archive("models--a--b/blobs/other", link, target),
        archive("models--a--b/evil/k", link, target), archive(blob, "../x.gguf", target),
        archive(blob, "models--a--b/snapshots/../../x.gguf", target),
        archive(blob, "models--a--b/snapshots/x.gguf", target), archive(blob, link, "/etc/passwd"),
        archive(blob, link, "../../blobs/../../evil")}) {
    Machine there;
    CHECK(there.unpack(text).status().code() == Code::kCorrupt);
    CHECK(there.cache.list()->empty());
    CHECK_FALSE(fs::exists(there.tree.path() + "/evil"));
  }
}

TEST_CASE("What is no archive, or begins with something else, is told by its name") {
  Machine machine;
  CHECK(machine.unpack("no archive").status().message().find("a.tar") != std::string::npos);
  const std::string other =
      pack([](ArchiveWriter& writer) { REQUIRE(writer.add_text("README", "hello").ok()); });
  CHECK(machine.unpack(other).status().message().find("README") != std::string::npos);
  CHECK_FALSE(read_models(machine.cache, "/none.tar", machine.meter).ok());
}

}  // namespace
}  // namespace samovar::store
