// For tests: a tar file with the members that a test names.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace samovar::cloud {

struct TestMember {
  std::string name;
  std::string text;
  std::string link_target = {};  // not empty: a symbolic link
};

// OWNS the file.
class TestImage {
 public:
  explicit TestImage(const std::vector<TestMember>& members);
  ~TestImage();
  TestImage(const TestImage&) = delete;
  TestImage& operator=(const TestImage&) = delete;

  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace samovar::cloud
