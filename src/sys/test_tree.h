// TestTree: a temporary folder for tests, filled with small files and removed at the end.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sys/file.h"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

namespace samovar::sys {

class TestTree {
 public:
  TestTree() : TestTree(std::filesystem::temp_directory_path()) {}
  // In `folder`, which exists.
  explicit TestTree(const std::filesystem::path& folder) {
    std::string name = (folder / "samovar-test-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  TestTree(const TestTree&) = delete;
  TestTree& operator=(const TestTree&) = delete;
  ~TestTree() {
    std::error_code error;
    std::filesystem::remove_all(path_, error);
  }

  const std::string& path() const { return path_; }
  // Makes the folders above it too. `name` starts with "/". Returns the file's path.
  std::string write(const std::string& name, std::string_view bytes) const {
    const std::string path = path_ + name;
    std::filesystem::create_directories(std::filesystem::path(path).parent_path());
    REQUIRE(write_file_atomic(path, bytes).ok());
    return path;
  }

 private:
  std::string path_;
};

}  // namespace samovar::sys
