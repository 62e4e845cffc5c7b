// ModelFacts: what a GGUF header tells about a model, for people to read.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace samovar::gguf {
class File;
}

namespace samovar::model {

struct ModelFacts {
  std::string path;
  std::string architecture;  // "llama"
  std::string name;          // may be empty
  std::string quantization;  // "Q4_K_M"; the most common storage type if the file doesn't say
  uint64_t n_parameters = 0;
  uint64_t size_bytes = 0;
  int64_t n_ctx = 0;  // 0 where the header has no such key, as below
  int64_t n_layer = 0;
  int64_t d_model = 0;
  int64_t n_vocab = 0;
  bool has_template = false;
  std::string license;  // may be empty
  uint32_t gguf_version = 0;
};

Result<ModelFacts> model_facts(const gguf::File& file);

// The file's own chat template; kNotFound if it has none. BORROWS from `file`.
Result<std::string_view> chat_template_text(const gguf::File& file);

}  // namespace samovar::model
