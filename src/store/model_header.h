// ModelHeader: keys and tensor table of a model, wherever it is; nothing else of it is fetched.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "gguf/file.h"
#include "store/store.h"

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::sys {
class SparseMemory;
}

namespace samovar::store {

struct ModelHeader {
  std::string source;  // "/path/x.gguf", "Hugging Face user/repo", "https://host/x.gguf"
  uint64_t fetched_bytes = 0;
  // Under `file`. Empty: it is mapped, from this machine.
  std::vector<std::shared_ptr<sys::SparseMemory>> fronts = {};
  // With every tensor's type, shape and place; unless is_here() their data must not be read.
  gguf::File file;

  bool is_here() const { return fronts.empty(); }
};

// Of a model on this machine; of one that is not, by HTTP ranges. kUnsupported where a source gives
// whole files only (Python packages); kNotFound with --offline. Several sources are tried in order,
// as pull() does. THREAD: blocks.
Result<ModelHeader> read_header(const Store& models, std::string_view name);

}  // namespace samovar::store
