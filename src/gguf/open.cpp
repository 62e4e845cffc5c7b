// File::open: one file, or all parts of a split one as if they were one.
//
// Keys of a split model stand in its first part; every part has its own tensor table and data.
// Parts tell their number in split.no (0-based) and split.count; split.tensors.count is the total.
// SPDX-License-Identifier: Apache-2.0
#include "gguf/field_reader.h"
#include "gguf/file.h"
#include "gguf/parser.h"
#include "gguf/split_name.h"
#include "sys/mapped_file.h"

#include <iterator>
#include <optional>
#include <utility>

namespace samovar::gguf {
namespace {

constexpr int64_t kMaxU16 = 65'535;

// That the part says of itself what its name says.
Status check_part(const File& file, uint64_t part, uint64_t n_parts) {
  SAMOVAR_ASSIGN(const int64_t count, file.get_int("split.count", 0, kMaxU16));
  SAMOVAR_ASSIGN(const int64_t number, file.get_int("split.no", 0, kMaxU16));
  if (static_cast<uint64_t>(count) != n_parts) {
    return corrupt("key 'split.count': expected " + std::to_string(n_parts) +
                   " as in the file name, found " + std::to_string(count));
  }
  if (static_cast<uint64_t>(number) + 1 != part) {
    return corrupt("key 'split.no': expected " + std::to_string(part - 1) +
                   " as in the file name, found " + std::to_string(number));
  }
  return {};
}

}  // namespace

Result<File> File::open_part(const std::string& path, Scope scope, const Limits& limits) {
  SAMOVAR_ASSIGN(std::shared_ptr<const sys::MappedFile> mapping, sys::MappedFile::open(path));
  Result<File> file = Parser(mapping->bytes(), scope, limits).parse();
  if (!file.ok()) return file.status().with_context(path);
  file->mappings_.push_back(std::move(mapping));
  return file;
}

Result<File> File::open(const std::string& path, Scope scope, const Limits& limits) {
  return assemble([&](const std::string& part) { return open_part(part, scope, limits); }, path,
                  scope, limits);
}

Result<File> File::open_parts(const PartOpener& part_of, const std::string& path,
                              const Limits& limits) {
  return assemble(part_of, path, Scope::kWhole, limits);
}

Result<File> File::assemble(const PartOpener& part_of, const std::string& path, Scope scope,
                            const Limits& limits) {
  SAMOVAR_ASSIGN(File file, part_of(path));
  file.path_ = path;
  const Result<int64_t> count = file.get_int("split.count", 0, kMaxU16, 0);
  if (!count.ok()) return count.status().with_context(path);
  if (*count <= 1) return file;
  const auto n_parts = static_cast<uint64_t>(*count);
  if (n_parts > limits.max_parts) {
    return too_large(path + ": key 'split.count': " + std::to_string(n_parts) +
                     " parts, the limit is " + std::to_string(limits.max_parts));
  }
  const std::optional<SplitName> name = SplitName::parse(path);
  if (!name) {
    return corrupt(path + ": is one of " + std::to_string(n_parts) +
                   " parts (key 'split.count'), but its name does not end in -0000i-of-0000N.gguf, "
                   "so that the others can't be found");
  }
  if (Status status = check_part(file, name->part, n_parts); !status.ok()) {
    return status.with_context(path);
  }
  if (name->part != 1) {
    const std::string first_path = name->path_of(1);
    SAMOVAR_ASSIGN(file, part_of(first_path));
    file.path_ = first_path;
    if (Status status = check_part(file, 1, n_parts); !status.ok()) {
      return status.with_context(first_path);
    }
  }
  if (scope == Scope::kWhole) SAMOVAR_TRY(file.append_parts(part_of, n_parts, limits));
  return file;
}

Status File::append_parts(const PartOpener& part_of, uint64_t n_parts, const Limits& limits) {
  const std::optional<SplitName> name = SplitName::parse(path_);
  for (uint64_t part = 2; part <= n_parts; ++part) {
    const std::string path = name->path_of(part);
    SAMOVAR_ASSIGN(File other, part_of(path));
    if (Status status = check_part(other, part, n_parts); !status.ok()) {
      return status.with_context(path);
    }
    append_tensors(std::move(other));
    if (tensors_.size() > limits.max_tensors) {
      return too_large(path_ + ": over " + std::to_string(limits.max_tensors) +
                       " tensors in all parts");
    }
  }
  const auto n_tensors = static_cast<int64_t>(tensors_.size());
  const Result<int64_t> expected = get_int("split.tensors.count", 0, INT64_MAX, n_tensors);
  if (!expected.ok()) return expected.status().with_context(path_);
  if (*expected != n_tensors) {
    return corrupt(path_ + ": key 'split.tensors.count': expected " + std::to_string(n_tensors) +
                   " as in all parts together, found " + std::to_string(*expected));
  }
  std::vector<std::string_view> names;
  names.reserve(tensors_.size());
  for (const Tensor& tensor : tensors_) names.push_back(tensor.name);
  if (const auto twice = tensor_index_.build(names)) {
    return corrupt(path_ + ": tensor " + quoted(*twice) + ": stands in two parts, expected in one");
  }
  return {};
}

void File::append_tensors(File part) {
  size_bytes_ += part.size_bytes_;
  tensors_.insert(tensors_.end(), part.tensors_.begin(), part.tensors_.end());
  mappings_.insert(mappings_.end(), std::make_move_iterator(part.mappings_.begin()),
                   std::make_move_iterator(part.mappings_.end()));
}

}  // namespace samovar::gguf
