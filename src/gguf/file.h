// File: a validated GGUF model: metadata keys and a tensor table over mapped bytes.
//
// Knows the container format (v2, v3, split files); knows nothing of models or architectures.
// After parse() every length, offset and shape has been checked: nothing in here can be over-read.
// Format: docs/formats/gguf.md. Thread: const after construction, shared freely.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "gguf/name_index.h"
#include "gguf/value.h"
#include "tensor/tensor_view.h"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::sys {
class MappedFile;
}

namespace samovar::gguf {

// The hard limits of docs/formats/gguf.md.
struct Limits {
  uint64_t max_keys = 65'536;
  uint64_t max_tensors = 65'536;
  uint64_t max_string_bytes = uint64_t{16} << 20;
  uint64_t max_array_elements = uint64_t{1} << 22;    // bounds the copies a Value makes
  uint64_t max_metadata_bytes = uint64_t{256} << 20;  // header, keys and tensor table of one part
  uint64_t max_parts = 1'024;                         // of a split file
};

enum class Scope {
  kWhole,     // metadata and tensors; tensor data must lie inside the file
  kMetadata,  // keys only: vocabulary files, and tools that need no tensors
};

struct Tensor {
  std::string_view name;
  uint32_t type_id = 0;  // GGUF type id; may be a type samovar does not compute with
  uint32_t n_dims = 0;
  TensorView view = {};  // dtype is meaningful only if dtype_from_id(type_id) has a value
  uint64_t size_bytes = 0;
};

class File {
 public:
  // Maps `path` (all parts, if it names one part of a split file: NAME-00001-of-0000N.gguf).
  // kNotFound, kCorrupt, kUnsupported (v1, big-endian), each naming key or tensor, offset and
  // bounds.
  static Result<File> open(const std::string& path, Scope scope = Scope::kWhole,
                           const Limits& limits = {});
  // As open(), with parts that `part_of` gives: for files that are not on this machine.
  using PartOpener = std::function<Result<File>(const std::string& path)>;
  static Result<File> open_parts(const PartOpener& part_of, const std::string& path,
                                 const Limits& limits = {});
  // Parses bytes that must outlive the File: the fuzzer's entry. One part only; the bytes must
  // begin at a multiple of 8, so that F32 data is aligned.
  static Result<File> parse(std::span<const std::byte> bytes, Scope scope = Scope::kWhole,
                            const Limits& limits = {});
  File(File&&) noexcept;
  File& operator=(File&&) noexcept;
  ~File();

  uint32_t version() const { return version_; }
  uint64_t size_bytes() const { return size_bytes_; }  // all parts
  const std::string& path() const { return path_; }    // of the first part; empty for parse()

  // Keys in file order. Duplicate keys are refused at parse().
  const std::vector<std::pair<std::string_view, Value>>& keys() const { return keys_; }
  const Value* find(std::string_view key) const;  // null if absent

  // Typed reads. `fallback` for an absent key; kCorrupt if the key has another type or is out of
  // range.
  Result<int64_t> get_int(std::string_view key, int64_t min,
                          int64_t max) const;  // kCorrupt if absent
  Result<int64_t> get_int(std::string_view key, int64_t min, int64_t max, int64_t fallback) const;
  Result<double> get_float(std::string_view key, double fallback) const;
  Result<bool> get_bool(std::string_view key, bool fallback) const;
  Result<std::string_view> get_string(std::string_view key) const;  // kCorrupt if absent
  Result<std::string_view> get_string(std::string_view key, std::string_view fallback) const;

  const std::vector<Tensor>& tensors() const { return tensors_; }
  const Tensor* find_tensor(std::string_view name) const;  // null if absent

  // The mappings behind this file, first part first (for page-cache advice). Empty for parse().
  const std::vector<std::shared_ptr<const sys::MappedFile>>& mappings() const { return mappings_; }

 private:
  friend class Parser;
  File();
  static Result<File> open_part(const std::string& path, Scope scope, const Limits& limits);
  static Result<File> assemble(const PartOpener& part_of, const std::string& path, Scope scope,
                               const Limits& limits);
  Status append_parts(const PartOpener& part_of, uint64_t n_parts, const Limits& limits);
  void append_tensors(File part);

  uint32_t version_ = 0;
  uint64_t size_bytes_ = 0;
  std::string path_;
  std::vector<std::pair<std::string_view, Value>> keys_;
  NameIndex key_index_;
  std::vector<Tensor> tensors_;
  NameIndex tensor_index_;
  std::vector<std::shared_ptr<const sys::MappedFile>> mappings_;
};

}  // namespace samovar::gguf
