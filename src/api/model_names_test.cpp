#include "api/model_names.h"

#include "sys/file.h"

#include <cstdlib>
#include <filesystem>

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    char path[] = "/tmp/samovar-names-XXXXXX";
    REQUIRE(mkdtemp(path) != nullptr);
    path_ = path;
  }
  ~Folder() { fs::remove_all(path_); }
  std::string add(const std::string& name) const {
    const fs::path path = fs::path(path_) / name;
    fs::create_directories(path.parent_path());
    REQUIRE(sys::write_file_atomic(path.string(), "not a model").ok());
    return path.string();
  }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

std::vector<std::string> ids(const ModelNames& names) {
  std::vector<std::string> out;
  for (const ModelSource& source : names.list()) out.push_back(source.id);
  return out;
}

std::string found(const ModelNames& names, std::string_view name) {
  const auto source = names.find(name);
  return source ? source->id : "";
}

TEST_CASE("the only model has its name, its file's, its path and its aliases") {
  const Folder folder;
  ModelShelf shelf(nullptr);
  const std::string path = folder.add("Tiny-1B.gguf");
  const ModelNames names(
      {.named = {{.id = "tiny", .path = path, .named = true}}, .aliases = {"small", "tiny"}},
      shelf);
  REQUIRE(names.only() != nullptr);
  CHECK(names.only()->id == "tiny");
  for (const auto& name : {std::string("tiny"), std::string("TINY:latest"), std::string("small"),
                           std::string("tiny-1b"), path}) {
    CHECK(found(names, name) == "tiny");
  }
  CHECK(found(names, "other").empty());
  CHECK(found(names, "").empty());
  CHECK(names.standard()->id == "tiny");
}

TEST_CASE("a folder's files are models, and its folders with one are") {
  const Folder folder;
  ModelShelf shelf(nullptr);
  folder.add("b.gguf");
  folder.add("a.gguf");
  folder.add("notes.txt");
  folder.add("mmproj-a.gguf");
  folder.add("big/big-00001-of-00002.gguf");
  folder.add("big/big-00002-of-00002.gguf");
  folder.add("empty/readme.md");
  const ModelNames names({.folder = folder.path()}, shelf);
  CHECK(names.only() == nullptr);
  CHECK(ids(names) == std::vector<std::string>{"a", "b", "big"});
  CHECK(found(names, "B") == "b");
  CHECK(names.find("big")->path.ends_with("00001-of-00002.gguf"));
  CHECK_FALSE(names.standard());
  folder.add("c.gguf");
  CHECK(found(names, "c") == "c");
}

TEST_CASE("a file that is named and lies in the folder is one model") {
  const Folder folder;
  ModelShelf shelf(nullptr);
  const std::string path = folder.add("a.gguf");
  folder.add("b.gguf");
  const ModelNames names(
      {.named = {{.id = "first", .path = path, .named = true}}, .folder = folder.path()}, shelf);
  CHECK(ids(names) == std::vector<std::string>{"first", "b"});
  CHECK(found(names, "a") == "first");
  CHECK(names.standard()->id == "first");
}

TEST_CASE("where there is one model, requests that name none mean it") {
  const Folder folder;
  ModelShelf shelf(nullptr);
  folder.add("a.gguf");
  const ModelNames names({.folder = folder.path()}, shelf);
  CHECK(names.standard()->id == "a");
  CHECK(ids(ModelNames({.folder = folder.path() + "/none"}, shelf)).empty());
}

}  // namespace
}  // namespace samovar::api
