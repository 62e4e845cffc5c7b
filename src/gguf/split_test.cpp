#include "gguf/file.h"
#include "gguf/split_name.h"
#include "gguf/test_file.h"
#include "sys/mapped_file.h"
#include "sys/test_tree.h"

#include <filesystem>
#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace samovar::gguf {
namespace {

// Part `no` (0-based) of a model in three parts, with one tensor each.
TestFile part(uint16_t no) {
  TestFile file;
  file.keys = {{"split.no", 2, le(no)},
               {"split.count", 2, le(uint16_t{3})},
               {"split.tensors.count", 5, le(int32_t{3})}};
  if (no == 0) file.keys.push_back({"general.architecture", 8, str("llama")});
  file.tensors = {{"t" + std::to_string(no), {4}, 0, 0}};
  file.data_bytes = 16;
  return file;
}

std::string name_of(int number) {
  return "/m-0000" + std::to_string(number) + "-of-00003.gguf";
}

struct SplitModel {
  sys::TestTree tree;
  TestFile parts[3] = {part(0), part(1), part(2)};

  std::string path(int number) const { return tree.path() + name_of(number); }
  Result<File> open(int number = 1, Scope scope = Scope::kWhole, const Limits& limits = {}) const {
    for (int i = 0; i < 3; ++i) tree.write(name_of(i + 1), parts[i].build());
    return File::open(path(number), scope, limits);
  }
};

TEST_CASE("any part of a split model opens all of them as one") {
  const SplitModel model;
  for (const int number : {1, 2, 3}) {
    const Result<File> file = model.open(number);
    REQUIRE_MESSAGE(file.ok(), file.status().message());
    CHECK(file->path() == model.path(1));
    CHECK(*file->get_string("general.architecture") == "llama");
    CHECK(file->tensors().size() == 3);
    CHECK(file->mappings().size() == 3);
    CHECK(file->size_bytes() == model.parts[0].build().size() + 2 * model.parts[1].build().size());
    REQUIRE(file->find_tensor("t2") != nullptr);
    CHECK(file->find_tensor("t2")->view.data[1] == std::byte{1});
  }
}

TEST_CASE("parts that are no files here are asked for by name") {
  const TestFile parts[3] = {part(0), part(1), part(2)};
  std::vector<std::vector<std::byte>> bytes;
  for (const TestFile& one : parts) {
    const auto built = one.build();
    const auto* const begin = reinterpret_cast<const std::byte*>(built.data());
    bytes.emplace_back(begin, begin + built.size());
  }
  std::vector<std::string> asked;
  const auto part_of = [&](const std::string& name) -> Result<File> {
    asked.push_back(name);
    return File::parse(bytes[asked.size() - 1]);
  };
  const Result<File> file = File::open_parts(part_of, "https://host/m-00001-of-00003.gguf");
  REQUIRE_MESSAGE(file.ok(), file.status().message());
  CHECK(file->tensors().size() == 3);
  CHECK(file->path() == "https://host/m-00001-of-00003.gguf");
  CHECK(asked == std::vector<std::string>{"https://host/m-00001-of-00003.gguf",
                                          "https://host/m-00002-of-00003.gguf",
                                          "https://host/m-00003-of-00003.gguf"});
}

TEST_CASE("for keys alone the first part is enough") {
  SplitModel model;
  REQUIRE(model.open().ok());
  std::filesystem::remove(model.path(2));
  const Result<File> file = File::open(model.path(3), Scope::kMetadata);
  REQUIRE_MESSAGE(file.ok(), file.status().message());
  CHECK(*file->get_string("general.architecture") == "llama");
}

TEST_CASE("a file that says it is one of one part needs no special name") {
  const sys::TestTree tree;
  TestFile file = part(0);
  file.keys[1].payload = le(uint16_t{1});
  CHECK(File::open(tree.write("/any.gguf", file.build())).ok());
}

struct SplitCase {
  const char* name;
  void (*break_it)(SplitModel& model);
  Code code;
  const char* message_has;
  Limits limits = {};
};

const SplitCase kBroken[] = {
    {"wrong number of a later part",
     [](SplitModel& m) { m.parts[1].keys[0].payload = le(uint16_t{2}); }, Code::kCorrupt,
     "m-00002-of-00003.gguf: key 'split.no': expected 1 as in the file name, found 2"},
    {"wrong number of the first part",
     [](SplitModel& m) { m.parts[0].keys[0].payload = le(uint16_t{7}); }, Code::kCorrupt,
     "m-00001-of-00003.gguf: key 'split.no'"},
    {"another count in a later part",
     [](SplitModel& m) { m.parts[2].keys[1].payload = le(uint16_t{4}); }, Code::kCorrupt,
     "m-00003-of-00003.gguf: key 'split.count': expected 3 as in the file name, found 4"},
    {"no count in a later part",
     [](SplitModel& m) { m.parts[2].keys.erase(m.parts[2].keys.begin() + 1); }, Code::kCorrupt,
     "key 'split.count': is missing"},
    {"no number in the first part",
     [](SplitModel& m) { m.parts[0].keys.erase(m.parts[0].keys.begin()); }, Code::kCorrupt,
     "key 'split.no': is missing"},
    {"count as a string",
     [](SplitModel& m) {
       m.parts[0].keys[1] = {"split.count", 8, str("3")};
     },
     Code::kCorrupt, "key 'split.count': expected an integer, found string"},
    {"negative count",
     [](SplitModel& m) {
       m.parts[0].keys[1] = {"split.count", 5, le(int32_t{-3})};
     },
     Code::kCorrupt, "key 'split.count': expected 0 to 65535, found -3"},
    {"wrong total of tensors", [](SplitModel& m) { m.parts[0].keys[2].payload = le(int32_t{4}); },
     Code::kCorrupt, "key 'split.tensors.count': expected 3 as in all parts together, found 4"},
    {"negative total of tensors",
     [](SplitModel& m) { m.parts[0].keys[2].payload = le(int32_t{-1}); }, Code::kCorrupt,
     "key 'split.tensors.count'"},
    {"one tensor in two parts", [](SplitModel& m) { m.parts[2].tensors[0].name = "t1"; },
     Code::kCorrupt, "tensor 't1': stands in two parts"},
    {"a later part is corrupt", [](SplitModel& m) { m.parts[1].data_bytes = 15; }, Code::kCorrupt,
     "m-00002-of-00003.gguf: tensor 't1'"},
    {"more parts than the limit",
     [](SplitModel&) {},
     Code::kTooLarge,
     "key 'split.count': 3 parts, the limit is 2",
     {.max_parts = 2}},
    {"more tensors in all than the limit",
     [](SplitModel&) {},
     Code::kTooLarge,
     "over 2 tensors in all parts",
     {.max_tensors = 2}},
};

TEST_CASE("a broken split model is refused by part and key") {
  for (const SplitCase& broken : kBroken) {
    CAPTURE(std::string(broken.name));
    SplitModel model;
    broken.break_it(model);
    const Result<File> file = model.open(1, Scope::kWhole, broken.limits);
    REQUIRE_FALSE(file.ok());
    const std::string message(file.status().message());
    CHECK_MESSAGE(file.status().code() == broken.code, message);
    CHECK_MESSAGE(message.find(broken.message_has) != message.npos, message);
  }
}

TEST_CASE("a missing part is not found by its own name") {
  const SplitModel model;
  REQUIRE(model.open().ok());
  std::filesystem::remove(model.path(2));
  const Result<File> file = File::open(model.path(1));
  REQUIRE_FALSE(file.ok());
  CHECK(file.status().code() == Code::kNotFound);
  CHECK(file.status().message().find(model.path(2)) != std::string_view::npos);
}

TEST_CASE("a part under another name says why the rest can't be found") {
  const sys::TestTree tree;
  const Result<File> file = File::open(tree.write("/renamed.gguf", part(0).build()));
  REQUIRE_FALSE(file.ok());
  CHECK(file.status().message().find("is one of 3 parts") != std::string_view::npos);
}

TEST_CASE("names of parts are taken apart and made") {
  const auto name = SplitName::parse("dir/big-model-00002-of-00031.gguf");
  REQUIRE(name.has_value());
  CHECK(name->prefix == "dir/big-model-");
  CHECK(name->part == 2);
  CHECK(name->n_parts == 31);
  CHECK(name->path_of(31) == "dir/big-model-00031-of-00031.gguf");
  for (const char* other :
       {"", "model.gguf", "m-00000-of-00003.gguf", "m-00004-of-00003.gguf", "m-0000a-of-00003.gguf",
        "m-00001-of-00003.bin", "m-00001_of_00003.gguf", "00001-of-00003.gguf",
        "m-   +1-of-00003.gguf"}) {
    CAPTURE(other);
    CHECK_FALSE(SplitName::parse(other).has_value());
  }
}

}  // namespace
}  // namespace samovar::gguf
