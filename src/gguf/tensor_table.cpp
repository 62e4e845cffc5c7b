// SPDX-License-Identifier: Apache-2.0
#include "gguf/tensor_table.h"

#include "base/checked.h"

#include <algorithm>
#include <optional>

namespace samovar::gguf {
namespace {

Status tensor_error(const RawTensor& raw, Code code, const std::string& problem) {
  return {code, "tensor " + quoted(raw.name) + ", record at byte " +
                    std::to_string(raw.record_offset) + ": " + problem};
}

// Fills in the type and the shape; everything but the place of the data.
Status check_shape(const RawTensor& raw, Tensor& tensor) {
  const DTypeTraits* type = traits_of_id(raw.type_id);
  if (type == nullptr) {
    const std::string_view name = dtype_name_of_id(raw.type_id);
    return tensor_error(
        raw, Code::kUnsupported,
        "type id " + std::to_string(raw.type_id) +
            (name.empty() ? " is unknown" : " (" + std::string(name) + ") was dropped from GGUF"));
  }
  std::optional<int64_t> n_elements = 1;
  for (size_t i = 0; i < raw.n_dims; ++i) {
    const auto dim = checked_cast<int64_t>(raw.dims[i]);
    if (!dim || *dim < 1) {
      return tensor_error(raw, Code::kCorrupt,
                          "dimension " + std::to_string(i) + ": expected 1 to 2^63 - 1, found " +
                              std::to_string(raw.dims[i]));
    }
    tensor.view.dims[i] = *dim;
    n_elements = n_elements ? checked_mul(*n_elements, *dim) : std::nullopt;
  }
  if (!n_elements) {
    return tensor_error(raw, Code::kCorrupt, "the product of its dimensions is over 2^63 - 1");
  }
  const uint64_t cols = raw.dims[0];
  if (cols % type->block_elements != 0) {
    return tensor_error(raw, Code::kCorrupt,
                        "dimension 0: expected a multiple of " +
                            std::to_string(type->block_elements) + " for " +
                            std::string(type->name) + ", found " + std::to_string(cols));
  }
  const auto row_bytes = checked_mul<uint64_t>(cols / type->block_elements, type->block_bytes);
  const auto n_rows = static_cast<uint64_t>(*n_elements) / cols;
  const auto size_bytes = row_bytes ? checked_mul(*row_bytes, n_rows) : std::nullopt;
  if (!size_bytes) return tensor_error(raw, Code::kCorrupt, "its size is over 2^64 - 1 bytes");
  tensor.view.row_bytes = static_cast<size_t>(*row_bytes);
  tensor.size_bytes = *size_bytes;
  return {};
}

Status check_place(const RawTensor& raw, std::span<const std::byte> data, uint32_t alignment,
                   Tensor& tensor) {
  if (raw.offset % alignment != 0) {
    return tensor_error(raw, Code::kCorrupt,
                        "offset: expected a multiple of the alignment " +
                            std::to_string(alignment) + ", found " + std::to_string(raw.offset));
  }
  const auto end = checked_add(raw.offset, tensor.size_bytes);
  if (!end || *end > data.size()) {
    return tensor_error(raw, Code::kCorrupt,
                        "offset " + std::to_string(raw.offset) + " + " +
                            std::to_string(tensor.size_bytes) + " bytes is past the end of the " +
                            std::to_string(data.size()) +
                            " bytes of tensor data: the file is cut off or the offset is wrong");
  }
  tensor.view.data = data.data() + raw.offset;
  return {};
}

Status check_overlap(std::span<const RawTensor> raw, const std::vector<Tensor>& tensors) {
  std::vector<size_t> by_offset(raw.size());
  for (size_t i = 0; i < raw.size(); ++i) by_offset[i] = i;
  std::sort(by_offset.begin(), by_offset.end(),
            [&](size_t a, size_t b) { return raw[a].offset < raw[b].offset; });
  for (size_t i = 1; i < by_offset.size(); ++i) {
    const RawTensor& before = raw[by_offset[i - 1]];
    const RawTensor& after = raw[by_offset[i]];
    const uint64_t end = before.offset + tensors[by_offset[i - 1]].size_bytes;  // inside the file
    if (end > after.offset) {
      return tensor_error(after, Code::kCorrupt,
                          "offset " + std::to_string(after.offset) + " overlaps tensor " +
                              quoted(before.name) + ", which ends at " + std::to_string(end));
    }
  }
  return {};
}

}  // namespace

Status read_raw_tensor(FieldReader& in, RawTensor& out) {
  out.record_offset = in.offset();
  SAMOVAR_TRY(in.enter("tensor", out.name));
  SAMOVAR_TRY(in.read("n_dims", out.n_dims));
  if (out.n_dims < 1 || out.n_dims > out.dims.size()) {
    return in.error(Code::kCorrupt, "expected 1 to 4, found " + std::to_string(out.n_dims));
  }
  for (uint32_t i = 0; i < out.n_dims; ++i) SAMOVAR_TRY(in.read("dimension", out.dims[i]));
  SAMOVAR_TRY(in.read("type id", out.type_id));
  return in.read("offset", out.offset);
}

Result<std::vector<Tensor>> validated_tensors(std::span<const RawTensor> raw,
                                              std::span<const std::byte> file,
                                              uint64_t metadata_end, uint32_t alignment) {
  const auto data_begin = checked_round_up<uint64_t>(metadata_end, alignment);
  if (!data_begin || *data_begin > file.size()) {
    return corrupt("tensor data: expected at byte " + std::to_string(data_begin.value_or(0)) +
                   ", the file ends at " + std::to_string(file.size()));
  }
  const std::span<const std::byte> data = file.subspan(static_cast<size_t>(*data_begin));
  std::vector<Tensor> tensors;
  tensors.reserve(raw.size());
  for (const RawTensor& record : raw) {
    Tensor tensor{.name = record.name, .type_id = record.type_id, .n_dims = record.n_dims};
    SAMOVAR_TRY(check_shape(record, tensor));
    SAMOVAR_TRY(check_place(record, data, alignment, tensor));
    tensor.view.dtype = dtype_from_id(record.type_id).value_or(DType::kF32);
    tensors.push_back(tensor);
  }
  SAMOVAR_TRY(check_overlap(raw, tensors));
  return tensors;
}

}  // namespace samovar::gguf
