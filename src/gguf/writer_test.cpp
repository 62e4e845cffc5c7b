#include "gguf/writer.h"

#include "gguf/file.h"
#include "sys/test_tree.h"

#include <array>
#include <filesystem>
#include <numeric>

#include <doctest/doctest.h>

namespace samovar::gguf {
namespace {

std::vector<std::byte> counting_bytes(size_t n) {
  std::vector<std::byte> bytes(n);
  for (size_t i = 0; i < n; ++i) bytes[i] = static_cast<std::byte>(i * 7 + n);
  return bytes;
}

void add_every_type(Writer& writer) {
  writer.add("u8", uint8_t{255});
  writer.add("i8", int8_t{-128});
  writer.add("u16", uint16_t{65'535});
  writer.add("i16", int16_t{-32'768});
  writer.add("u32", UINT32_MAX);
  writer.add("i32", INT32_MIN);
  writer.add("u64", UINT64_MAX);
  writer.add("i64", INT64_MIN);
  writer.add("f32", 0.25F);
  writer.add("f64", 0.1);
  writer.add("bool", true);
  writer.add("string", "text");
  writer.add_array("floats", std::span<const float>(std::array{1.0F, -2.0F}));
  writer.add_array("bools", std::span<const bool>(std::array{true, false}));
  writer.add_array("strings", std::array<std::string_view, 3>{"a", "", "bc"});
}

void check_every_type(const File& file) {
  CHECK(file.keys().size() >= 15);
  CHECK(file.find("u8")->as_uint() == 255);
  CHECK(file.find("i8")->as_int() == -128);
  CHECK(file.find("u16")->as_uint() == 65'535);
  CHECK(file.find("i16")->as_int() == -32'768);
  CHECK(file.find("u32")->as_uint() == UINT32_MAX);
  CHECK(file.find("i32")->as_int() == INT32_MIN);
  CHECK(file.find("u64")->as_uint() == UINT64_MAX);
  CHECK(file.find("i64")->as_int() == INT64_MIN);
  CHECK(file.find("f32")->as_float() == 0.25);
  CHECK(file.find("f64")->as_float() == 0.1);
  CHECK(file.find("bool")->as_bool() == true);
  CHECK(file.find("string")->as_string() == "text");
  CHECK(file.find("floats")->as_floats() == std::vector<float>{1, -2});
  CHECK(file.find("bools")->as_ints() == std::vector<int64_t>{1, 0});
  CHECK(file.find("strings")->as_strings() == std::vector<std::string_view>{"a", "", "bc"});
}

TEST_CASE("what the writer writes, the reader reads, at any alignment") {
  const sys::TestTree tree;
  for (const uint32_t alignment : {8U, 32U, 4096U}) {
    CAPTURE(alignment);
    const std::string path = tree.path() + "/model.gguf";
    const std::vector<std::byte> a = counting_bytes(3 * 34), b = counting_bytes(5 * 4);
    Writer writer(alignment);
    add_every_type(writer);
    writer.add_tensor("a", DType::kQ8_0, {32, 3});
    writer.add_tensor("b", DType::kF32, {5});
    REQUIRE(writer.begin(path).ok());
    REQUIRE(writer.append(std::span(a).first(10)).ok());
    REQUIRE(writer.append(std::span(a).subspan(10)).ok());
    REQUIRE(writer.append(b).ok());
    REQUIRE(writer.finish().ok());

    const Result<File> file = File::open(path);
    REQUIRE_MESSAGE(file.ok(), file.status().message());
    check_every_type(*file);
    REQUIRE(file->tensors().size() == 2);
    CHECK(file->find_tensor("a")->view.dims == std::array<int64_t, 4>{32, 3, 1, 1});
    CHECK(std::equal(a.begin(), a.end(), file->find_tensor("a")->view.data));
    CHECK(std::equal(b.begin(), b.end(), file->find_tensor("b")->view.data));
  }
}

TEST_CASE("keys copied from another file are the same keys") {
  Writer first;
  add_every_type(first);
  const std::string bytes = first.metadata();
  const Result<File> file = File::parse(std::as_bytes(std::span(bytes)));
  REQUIRE(file.ok());
  Writer second;
  for (const auto& [key, value] : file->keys()) second.add(key, value);
  CHECK(second.metadata() == bytes);
}

TEST_CASE("a file that is not finished leaves nothing behind") {
  const sys::TestTree tree;
  {
    Writer writer;
    writer.add_tensor("a", DType::kF32, {4});
    REQUIRE(writer.begin(tree.path() + "/model.gguf").ok());
  }
  CHECK(std::filesystem::is_empty(tree.path()));
  Writer writer;
  CHECK(writer.begin(tree.path() + "/none/model.gguf").code() == Code::kNotFound);
}

}  // namespace
}  // namespace samovar::gguf
