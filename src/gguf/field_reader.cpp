// SPDX-License-Identifier: Apache-2.0
#include "gguf/field_reader.h"

#include <algorithm>

namespace samovar::gguf {

std::string quoted(std::string_view name) {
  constexpr size_t kMaxShown = 64;  // bytes of the name
  constexpr char kHex[] = "0123456789abcdef";
  std::string text = "'";
  for (const char c : name.substr(0, kMaxShown)) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0x20 && byte < 0x7F) {
      text += c;
    } else {
      text += {'\\', 'x', kHex[byte >> 4], kHex[byte & 15]};
    }
  }
  return text += name.size() > kMaxShown ? "...'" : "'";
}

FieldReader::FieldReader(std::span<const std::byte> file, const Limits& limits)
    : reader_(file.first(
          static_cast<size_t>(std::min<uint64_t>(file.size(), limits.max_metadata_bytes)))),
      cut_by_limit_(file.size() > limits.max_metadata_bytes) {}

Status FieldReader::enter(std::string_view record, std::string_view& name) {
  constexpr uint64_t kMaxNameBytes = 65'535;  // GGUF specification, keys: at most 2^16 - 1
  record_ = record;
  name_ = {};
  SAMOVAR_TRY(read_string("name", kMaxNameBytes, name));
  if (name.empty()) return error(Code::kCorrupt, "expected at least one byte, found none");
  name_ = name;
  return {};
}

Status FieldReader::read_bytes(std::string_view field, uint64_t n_bytes,
                               std::span<const std::byte>& out) {
  start(field);
  return reader_.read_span(n_bytes, out) ? Status() : ends(n_bytes);
}

Status FieldReader::read_string(std::string_view field, uint64_t max_bytes, std::string_view& out) {
  start(field);
  uint64_t n_bytes = 0;
  if (!reader_.read(n_bytes)) return ends(sizeof n_bytes);
  if (n_bytes <= reader_.left() && n_bytes > max_bytes) {
    return error(Code::kTooLarge, "string of " + std::to_string(n_bytes) + " bytes, the limit is " +
                                      std::to_string(max_bytes));
  }
  std::span<const std::byte> bytes;
  if (!reader_.read_span(n_bytes, bytes)) return ends(n_bytes);
  out = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
  return {};
}

Status FieldReader::read_count(std::string_view field, uint64_t min_bytes, uint64_t& out) {
  SAMOVAR_TRY(read(field, out));
  if (out <= left() / min_bytes) return {};
  return error(cut_by_limit_ ? Code::kTooLarge : Code::kCorrupt,
               std::to_string(out) + " do not fit: each has at least " + std::to_string(min_bytes) +
                   " bytes, " + std::to_string(left()) + " bytes are left" +
                   (cut_by_limit_ ? " below the limit for metadata" : ""));
}

Status FieldReader::error(Code code, std::string_view problem) const {
  std::string message(record_);
  if (!name_.empty()) message += " " + quoted(name_);
  message += ", " + std::string(field_) + " at byte " + std::to_string(field_offset_) + ": ";
  return {code, message += problem};
}

Status FieldReader::ends(uint64_t expected_bytes) const {
  const std::string found = "expected " + std::to_string(expected_bytes) + " bytes, found " +
                            std::to_string(reader_.left());
  if (cut_by_limit_) return error(Code::kTooLarge, found + " below the limit for metadata");
  return error(Code::kCorrupt, found + ": the file is cut off or the length is wrong");
}

}  // namespace samovar::gguf
