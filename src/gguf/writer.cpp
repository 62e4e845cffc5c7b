// SPDX-License-Identifier: Apache-2.0
#include "gguf/writer.h"

#include "base/check.h"

#include <bit>

namespace samovar::gguf {
namespace {

template <class T>
void put(std::string& out, T value) {
  static_assert(std::endian::native == std::endian::little);
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

void put_bytes(std::string& out, std::span<const std::byte> bytes) {
  out.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
}

void put_string(std::string& out, std::string_view text) {
  put(out, uint64_t{text.size()});
  out += text;
}

uint64_t tensor_bytes(DType dtype, std::span<const int64_t> dims) {
  SAMOVAR_CHECK(!dims.empty() && dims.size() <= 4);
  SAMOVAR_CHECK(dims[0] % traits(dtype).block_elements == 0);
  uint64_t n_bytes = row_bytes(dtype, dims[0]);
  for (const int64_t dim : dims.subspan(1)) n_bytes *= static_cast<uint64_t>(dim);
  return n_bytes;
}

}  // namespace

Writer::Writer(uint32_t alignment) : alignment_(alignment) {
  SAMOVAR_CHECK(std::has_single_bit(alignment) && alignment >= 8 && alignment <= 65'536);
  if (alignment != 32) add("general.alignment", alignment);
}

void Writer::add(std::string_view key, std::string_view value) {
  std::string payload;
  put_string(payload, value);
  add_value(key, ValueType::kString, std::as_bytes(std::span(payload)));
}

void Writer::add(std::string_view key, const Value& value) {
  if (value.is_array()) return add_array(key, value.element_type(), value.size(), value.payload());
  if (value.type() == ValueType::kString) return add(key, value.as_string().value_or(""));
  add_value(key, value.type(), value.payload());
}

void Writer::add_array(std::string_view key, std::span<const std::string_view> values) {
  std::string elements;
  for (const std::string_view value : values) put_string(elements, value);
  add_array(key, ValueType::kString, values.size(), std::as_bytes(std::span(elements)));
}

void Writer::add_array(std::string_view key, ValueType type, uint64_t count,
                       std::span<const std::byte> elements) {
  std::string payload;
  put(payload, type);
  put(payload, count);
  put_bytes(payload, elements);
  add_value(key, ValueType::kArray, std::as_bytes(std::span(payload)));
}

void Writer::add_value(std::string_view key, ValueType type, std::span<const std::byte> payload) {
  SAMOVAR_CHECK(!file_);
  put_string(keys_, key);
  put(keys_, type);
  put_bytes(keys_, payload);
  ++n_keys_;
}

void Writer::add_tensor(std::string_view name, DType dtype, std::span<const int64_t> dims) {
  SAMOVAR_CHECK(!file_);
  const uint64_t size_bytes = tensor_bytes(dtype, dims);
  tensors_.push_back(
      {std::string(name), dtype, {dims.begin(), dims.end()}, size_bytes, data_bytes_});
  data_bytes_ += size_bytes + padding_after(size_bytes);
}

uint64_t Writer::padding_after(uint64_t size_bytes) const {
  return (alignment_ - size_bytes % alignment_) % alignment_;
}

std::string Writer::metadata() const {
  std::string out = "GGUF";
  put(out, uint32_t{3});
  put(out, uint64_t{tensors_.size()});
  put(out, n_keys_);
  out += keys_;
  for (const TensorEntry& tensor : tensors_) {
    put_string(out, tensor.name);
    put(out, static_cast<uint32_t>(tensor.dims.size()));
    for (const int64_t dim : tensor.dims) put(out, dim);
    put(out, tensor.dtype);
    put(out, tensor.offset);
  }
  if (!tensors_.empty()) out.append(padding_after(out.size()), '\0');
  return out;
}

Status Writer::begin(const std::string& path) {
  SAMOVAR_CHECK(!file_);
  SAMOVAR_ASSIGN(sys::AtomicFile file, sys::AtomicFile::open(path + ".partial", path));
  SAMOVAR_TRY(file.truncate(0));
  const std::string before_data = metadata();
  SAMOVAR_TRY(file.append(std::as_bytes(std::span(before_data))));
  file_.emplace(std::move(file));
  return {};
}

Status Writer::append(std::span<const std::byte> bytes) {
  SAMOVAR_CHECK(file_ && current_ < tensors_.size());
  const uint64_t size_bytes = tensors_[current_].size_bytes;
  SAMOVAR_CHECK(bytes.size() <= size_bytes - current_written_);
  SAMOVAR_TRY(file_->append(bytes));
  current_written_ += bytes.size();
  if (current_written_ < size_bytes) return {};
  const std::vector<std::byte> zeros(padding_after(size_bytes));
  SAMOVAR_TRY(file_->append(zeros));
  ++current_;
  current_written_ = 0;
  return {};
}

Status Writer::finish() {
  SAMOVAR_CHECK(file_ && current_ == tensors_.size());
  return file_->commit();
}

}  // namespace samovar::gguf
