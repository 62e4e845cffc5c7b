// Runs a fuzz entry over the files of the folders given as arguments: corpora as ordinary tests.
// SPDX-License-Identifier: Apache-2.0
#include "sys/file.h"

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <memory>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

bool replay(const std::string& path) {
  const samovar::Result<std::string> bytes = samovar::sys::read_file(path, uint64_t{64} << 20);
  if (!bytes.ok()) {
    std::fprintf(stderr, "%s\n", std::string(bytes.status().message()).c_str());
    return false;
  }
  // Ends exactly where the input ends, so that ASan sees any read past it.
  const std::unique_ptr<uint8_t[]> exact(new uint8_t[bytes->size()]);
  std::memcpy(exact.get(), bytes->data(), bytes->size());
  LLVMFuzzerTestOneInput(exact.get(), bytes->size());
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  int n_files = 0;
  for (int i = 1; i < argc; ++i) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(argv[i], error)) {
      if (!replay(entry.path().string())) return 1;
      ++n_files;
    }
  }
  std::printf("%d inputs replayed\n", n_files);
  return n_files > 0 ? 0 : 1;
}
