#include "gguf/file.h"

#include "gguf/test_file.h"

#include <string>

#include <doctest/doctest.h>

namespace samovar::gguf {
namespace {

TEST_CASE("every kind of key reads back as what was written") {
  const ExactBytes bytes(TestFile().build());
  const Result<File> file = File::parse(bytes.span());
  REQUIRE_MESSAGE(file.ok(), file.status().message());
  CHECK(file->version() == 3);
  CHECK(file->size_bytes() == bytes.span().size());
  CHECK(file->keys().size() == 17);
  CHECK(file->keys()[0].first == "general.architecture");
  CHECK(file->find("u8")->as_int() == 200);
  CHECK(file->find("i8")->as_int() == -100);
  CHECK(file->find("u16")->as_uint() == 60'000);
  CHECK(file->find("i16")->as_int() == -30'000);
  CHECK(file->find("u32")->as_int() == 4'000'000'000);
  CHECK(file->find("i32")->as_float() == -2e9);
  CHECK(file->find("f32")->as_float() == 0.5);
  CHECK(file->find("f64")->as_float() == 0.1);
  CHECK(file->find("bool")->as_bool() == true);
  CHECK(file->find("u64")->as_uint() == UINT64_MAX);
  CHECK_FALSE(file->find("u64")->as_int().has_value());
  CHECK(file->find("u64")->as_float() == 0x1p64);
  CHECK(file->find("i64")->as_int() == INT64_MIN);
  CHECK_FALSE(file->find("i64")->as_uint().has_value());
  CHECK(file->find("general.architecture")->as_string() == "llama");
  CHECK(file->find("strings")->as_strings() == std::vector<std::string_view>{"one", ""});
  CHECK(file->find("floats")->as_floats() == std::vector<float>{1.0F, 2.5F});
  CHECK(file->find("bools")->as_ints() == std::vector<int64_t>{0, 1});
  CHECK(file->find("ints")->as_ints() == std::vector<int64_t>{-1, 7});
  CHECK(file->find("empty")->as_ints() == std::vector<int64_t>{});
  CHECK(file->find("none") == nullptr);
}

TEST_CASE("a value asked for as another type is nothing") {
  const ExactBytes bytes(TestFile().build());
  const Result<File> file = File::parse(bytes.span());
  REQUIRE(file.ok());
  const Value& text = *file->find("general.architecture");
  CHECK_FALSE(text.as_int().has_value());
  CHECK_FALSE(text.as_uint().has_value());
  CHECK_FALSE(text.as_float().has_value());
  CHECK_FALSE(text.as_bool().has_value());
  CHECK_FALSE(text.as_strings().has_value());
  CHECK_FALSE(file->find("u8")->as_string().has_value());
  CHECK_FALSE(file->find("bool")->as_int().has_value());
  CHECK_FALSE(file->find("bool")->as_float().has_value());
  CHECK_FALSE(file->find("strings")->as_ints().has_value());
  CHECK_FALSE(file->find("strings")->as_floats().has_value());
  CHECK_FALSE(file->find("ints")->as_strings().has_value());
}

TEST_CASE("tensors are views into the bytes") {
  const ExactBytes bytes(TestFile().build());
  const Result<File> file = File::parse(bytes.span());
  REQUIRE(file.ok());
  REQUIRE(file->tensors().size() == 2);
  const Tensor* b = file->find_tensor("b.weight");
  REQUIRE(b != nullptr);
  CHECK(b->n_dims == 2);
  CHECK(b->view.dtype == DType::kQ8_0);
  CHECK(b->view.dims == std::array<int64_t, 4>{32, 3, 1, 1});
  CHECK(b->view.row_bytes == 34);
  CHECK(b->size_bytes == 102);
  CHECK(b->view.row(2) + 34 == bytes.span().data() + bytes.span().size());
  CHECK(file->find_tensor("c.weight") == nullptr);
}

TEST_CASE("types we do not compute with are listed with their size") {
  TestFile made;
  made.tensors[1] = {"b.weight", {256, 1}, 16, 32};  // IQ2_XXS
  const ExactBytes bytes(made.build());
  const Result<File> file = File::parse(bytes.span());
  REQUIRE(file.ok());
  CHECK(file->tensors()[1].type_id == 16);
  CHECK(file->tensors()[1].size_bytes == 66);
}

TEST_CASE("for keys alone neither tensor records nor data are needed") {
  TestFile made;
  made.tensors.clear();
  made.n_tensors = 290;
  made.data_bytes = 0;
  made.alignment = 1;
  const ExactBytes bytes(made.build());
  CHECK_FALSE(File::parse(bytes.span()).ok());
  const Result<File> file = File::parse(bytes.span(), Scope::kMetadata);
  REQUIRE_MESSAGE(file.ok(), file.status().message());
  CHECK(file->tensors().empty());
  CHECK(file->find("i8")->as_int() == -100);
}

TEST_CASE("version 2 and another alignment are read") {
  TestFile made;
  made.version = 2;
  made.keys.push_back({"general.alignment", 4, le(uint32_t{64})});
  made.alignment = 64;
  made.tensors[1].offset = 64;
  made.data_bytes = 64 + 102;
  const ExactBytes bytes(made.build());
  const Result<File> file = File::parse(bytes.span());
  REQUIRE_MESSAGE(file.ok(), file.status().message());
  CHECK(file->version() == 2);
}

TEST_CASE("typed reads give the value, the fallback, or say what is wrong") {
  const ExactBytes bytes(TestFile().build());
  const Result<File> file = File::parse(bytes.span());
  REQUIRE(file.ok());
  CHECK(*file->get_int("u8", 0, 200) == 200);
  CHECK(*file->get_int("none", 0, 10, 7) == 7);
  CHECK(*file->get_float("f32", 9.0) == 0.5);
  CHECK(*file->get_float("none", 9.0) == 9.0);
  CHECK(*file->get_bool("bool", false) == true);
  CHECK(*file->get_bool("none", true) == true);
  CHECK(*file->get_string("general.architecture") == "llama");
  CHECK(*file->get_string("none", "x") == "x");

  const auto message = [](const auto& result) {
    REQUIRE_FALSE(result.ok());
    CHECK(result.status().code() == Code::kCorrupt);
    return std::string(result.status().message());
  };
  CHECK(message(file->get_int("none", 0, 1)) == "key 'none': is missing");
  CHECK(message(file->get_int("u8", 0, 199, 5)) == "key 'u8': expected 0 to 199, found 200");
  CHECK(message(file->get_int("u64", 0, 9)) ==
        "key 'u64': expected 0 to 9, found 18446744073709551615");
  CHECK(message(file->get_int("f32", 0, 1)) == "key 'f32': expected an integer, found f32");
  CHECK(message(file->get_float("bool", 1)) == "key 'bool': expected a number, found bool");
  CHECK(message(file->get_bool("u8", true)) == "key 'u8': expected a bool, found u8");
  CHECK(message(file->get_string("none")) == "key 'none': is missing");
  CHECK(message(file->get_string("strings", "")) ==
        "key 'strings': expected a string, found an array of string");
}

}  // namespace
}  // namespace samovar::gguf
