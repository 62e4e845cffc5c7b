#include "gguf/file.h"
#include "gguf/test_file.h"
#include "sys/mapped_file.h"
#include "sys/test_tree.h"

#include <cstring>
#include <string>
#include <unistd.h>

#include <doctest/doctest.h>

namespace samovar::gguf {
namespace {

// Reads whatever a file that was accepted says it has.
void touch(const File& file) {
  volatile size_t sum = 0;  // volatile: the reads must happen at -O2 too
  for (const auto& [name, value] : file.keys()) {
    sum = sum + value.as_string().value_or("").size();
    sum = sum + value.as_strings().value_or(std::vector<std::string_view>()).size();
    sum = sum + value.as_ints().value_or(std::vector<int64_t>()).size();
  }
  for (const Tensor& tensor : file.tensors()) {
    for (size_t i = 0; i < tensor.size_bytes; ++i) {
      sum = sum + std::to_integer<size_t>(tensor.view.data[i]);
    }
  }
}

TEST_CASE("a file cut off after any byte is refused, and never read past its end") {
  const std::string whole = TestFile().build();
  for (size_t size = 0; size < whole.size(); ++size) {
    const ExactBytes bytes(std::string_view(whole).substr(0, size));
    const Result<File> file = File::parse(bytes.span());
    CAPTURE(size);
    CHECK_FALSE(file.ok());
    const Result<File> keys = File::parse(bytes.span(), Scope::kMetadata);
    if (keys.ok()) touch(*keys);
  }
}

TEST_CASE("any number written over any place is refused or harmless") {
  const std::string whole = TestFile().build();
  const uint64_t numbers[] = {0,
                              1,
                              2,
                              0x7FFFFFFF,
                              0x80000000,
                              0xFFFFFFFF,
                              uint64_t{1} << 32,
                              uint64_t{1} << 61,
                              INT64_MAX,
                              uint64_t{1} << 63,
                              UINT64_MAX - 7,
                              UINT64_MAX};
  int n_accepted = 0;
  for (size_t place = 0; place + 8 <= whole.size(); ++place) {
    for (const uint64_t number : numbers) {
      for (const size_t width : {1U, 4U, 8U}) {
        std::string mutant = whole;
        std::memcpy(mutant.data() + place, &number, width);
        const ExactBytes bytes(mutant);
        const Result<File> file = File::parse(bytes.span());
        if (!file.ok() && file.status().message().empty()) FAIL_CHECK("no message at " << place);
        if (!file.ok()) continue;
        ++n_accepted;
        touch(*file);
      }
    }
  }
  CHECK(n_accepted > 0);
}

TEST_CASE("a file truncated on disk while it is open is noticed, and the process lives") {
  sys::install_sigbus_handler();
  const sys::TestTree tree;
  TestFile made;
  made.tensors = {{"big", {16'384}, 0, 0}};  // 64 KiB
  made.data_bytes = 65'536;
  const std::string path = tree.write("/model.gguf", made.build());
  const Result<File> file = File::open(path);
  REQUIRE_MESSAGE(file.ok(), file.status().message());
  REQUIRE(truncate(path.c_str(), 4096) == 0);
  CHECK_FALSE(file->mappings()[0]->damaged());
  touch(*file);
  CHECK(file->mappings()[0]->damaged());
}

TEST_CASE("what is not a file is refused with its path") {
  const sys::TestTree tree;
  CHECK(File::open(tree.path() + "/none.gguf").status().code() == Code::kNotFound);
  CHECK(File::open(tree.path()).status().code() == Code::kInvalidArgument);
  const std::string path = tree.write("/text.gguf", "<html>404 not found</html>");
  const Result<File> file = File::open(path);
  REQUIRE_FALSE(file.ok());
  CHECK(file.status().message() ==
        path + ": header, magic at byte 0: expected 'GGUF', found '<htm'");
}

}  // namespace
}  // namespace samovar::gguf
