// Files as `docker save` writes them, and some that are none.
#include "cloud/saved_image.h"

#include "cloud/test_image.h"

#include <vector>

#include <doctest/doctest.h>

namespace samovar::cloud {
namespace {

using Members = std::vector<TestMember>;

Status status_of(const Members& members) {
  return SavedImage::open(TestImage(members).path()).status();
}

TEST_CASE("Layers come with their place, a layer that is there twice once") {
  const TestImage file({{"a/layer.tar", "AA"},
                        {"b/layer.tar", "", "../a/layer.tar"},
                        {"c.tar", "CCC"},
                        {"config.json", "{}"},
                        {"manifest.json", R"([{"Config":"config.json","Layers":)"
                                          R"(["c.tar","a/layer.tar","b/layer.tar"]}])"}});
  const auto image = SavedImage::open(file.path());
  REQUIRE(image.ok());
  CHECK(image->config() == "{}");
  CHECK(image->n_layers() == 3);
  std::vector<std::string> seen;
  REQUIRE(image
              ->each_layer([&](size_t index, uint64_t size_bytes, store::ArchiveReader& tar) {
                SAMOVAR_ASSIGN(const std::string text, tar.read_text(size_bytes));
                seen.push_back(std::to_string(index) + text);
                return Status();
              })
              .ok());
  CHECK(seen == std::vector<std::string>{"1AA", "0CCC"});
  CHECK(image->same_as(2) == 1);
  CHECK(image->same_as(0) == 0);
}

TEST_CASE("What is no image is told") {
  CHECK(status_of({{"x", "y"}}).message().find("found no manifest.json") != std::string::npos);
  CHECK(status_of({{"manifest.json", "{"}}).code() == Code::kInvalidArgument);
  CHECK(status_of({{"manifest.json", "[]"}}).code() == Code::kCorrupt);
  CHECK(status_of({{"manifest.json", "[{},{}]"}}).message().find("expected one image, found 2") !=
        std::string::npos);
  CHECK(status_of({{"manifest.json", R"([{"Config":"c"}])"}}).code() == Code::kCorrupt);
  CHECK(status_of({{"manifest.json", R"([{"Config":"c","Layers":[1]}])"}}).code() ==
        Code::kCorrupt);
  CHECK(status_of({{"manifest.json", R"([{"Config":"c","Layers":[]}])"}})
            .message()
            .find("c is missing") != std::string::npos);
  CHECK_FALSE(SavedImage::open("/no/such/file").ok());
}

TEST_CASE("A layer that is missing is told") {
  const TestImage file({{"c", "{}"}, {"manifest.json", R"([{"Config":"c","Layers":["l"]}])"}});
  const auto image = SavedImage::open(file.path());
  REQUIRE(image.ok());
  const auto nothing = [](size_t, uint64_t, store::ArchiveReader&) { return Status(); };
  CHECK(image->each_layer(nothing).message().find("l is missing") != std::string::npos);
}

}  // namespace
}  // namespace samovar::cloud
