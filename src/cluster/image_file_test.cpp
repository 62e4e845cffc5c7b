#include "cluster/image_file.h"

#include "cluster/image.h"
#include "store/archive_writer.h"
#include "sys/test_tree.h"

#include <string>

#include <doctest/doctest.h>

namespace samovar::cluster {
namespace {

constexpr char kOurs[] = "localhost/samovar:1";

std::string tar_with(const sys::TestTree& tree, const std::string& name, const std::string& text) {
  std::string bytes;
  auto tar = *store::ArchiveWriter::begin([&](std::span<const std::byte> more) {
    bytes.append(reinterpret_cast<const char*>(more.data()), more.size());
    return Status();
  });
  REQUIRE(tar.add_text(name, text).ok());
  REQUIRE(tar.finish().ok());
  return tree.write("/image.tar", bytes);
}

std::string name_of(const std::string& manifest) {
  const sys::TestTree tree;
  return image_in_file(tar_with(tree, "manifest.json", manifest), kOurs).value();
}

TEST_CASE("an image has the name that its file gives it, in full") {
  CHECK(name_of(R"([{"RepoTags": ["localhost/samovar:coder"]}])") == "localhost/samovar:coder");
  CHECK(name_of(R"([{"RepoTags": ["localhost/samovar:2", "localhost/samovar:1"]}])") == kOurs);
  CHECK(name_of(R"([{"RepoTags": ["samovar:2"]}])") == "docker.io/library/samovar:2");
  CHECK(name_of(R"([{"RepoTags": ["me/samovar:2"]}])") == "docker.io/me/samovar:2");
  CHECK(name_of(R"([{"RepoTags": ["here:5000/samovar:2"]}])") == "here:5000/samovar:2");
}

TEST_CASE("an image that we have packed has its tag") {
  const sys::TestTree tree;
  const ImageFiles files{tree.write("/samovar", "program"), {}, tree.write("/certificates", "")};
  const std::string path = tree.path() + "/image.tar";
  REQUIRE(write_image(path, kOurs, files).ok());
  CHECK(image_in_file(path, "localhost/samovar:other").value() == kOurs);
}

TEST_CASE("what has no name, several, or is no image is refused with what was found") {
  const sys::TestTree tree;
  const auto refusal = [&](const std::string& name, const std::string& text) {
    const auto image = image_in_file(tar_with(tree, name, text), kOurs);
    return std::string(image.status().message());
  };
  CHECK(refusal("manifest.json", R"([{"RepoTags": ["a:1"]}, {"RepoTags": ["b:1"]}])")
            .ends_with("found docker.io/library/a:1, docker.io/library/b:1"));
  CHECK(refusal("manifest.json", R"([{"RepoTags": null}, {}, 1])").ends_with("found none"));
  CHECK(refusal("manifest.json", "{}").ends_with("expected a list of images"));
  CHECK(refusal("manifest.json", "{").find("manifest.json") != std::string::npos);
  CHECK(refusal("index.json", "{}").ends_with("found no manifest.json"));
  CHECK(!image_in_file(tree.path() + "/none.tar", kOurs).ok());
  CHECK(!image_in_file(tree.write("/text", "no archive"), kOurs).ok());
}

}  // namespace
}  // namespace samovar::cluster
