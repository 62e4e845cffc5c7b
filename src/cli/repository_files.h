// The models in a Hugging Face repository, told apart by their files' names.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "store/options.h"

#include <string>
#include <string_view>
#include <vector>

namespace samovar::cli {

struct RepositoryFile {
  std::string name;  // "hf:user/repo:x-Q4_K_M.gguf"
  int bits = 0;      // 4
};

// Those whose names hold a quantization, most bits first; of a split one the first part. Asks the
// hub once.
Result<std::vector<RepositoryFile>> repository_files(const store::StoreOptions& options,
                                                     const std::string& repo);

// "Q4_K_M" of "x-7B.q4_k_m.gguf" and of "Q4_K_M"; empty: the name says nothing.
std::string quantization_in(std::string_view file);

}  // namespace samovar::cli
