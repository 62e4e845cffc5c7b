#include "grammar/source_position.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::grammar {
namespace {

bool is_continuation(char c) {
  return (static_cast<unsigned char>(c) & 0xC0) == 0x80;
}

}  // namespace

std::string describe_position(std::string_view source, size_t offset) {
  const std::string_view before = source.substr(0, offset);
  const auto line = std::count(before.begin(), before.end(), '\n') + 1;
  const size_t newline = before.rfind('\n');
  const std::string_view head =
      newline == std::string_view::npos ? before : before.substr(newline + 1);
  const auto column =
      std::count_if(head.begin(), head.end(), [](char c) { return !is_continuation(c); }) + 1;
  return fmt::format("line {}, column {}", line, column);
}

std::string describe_found(std::string_view source, size_t offset) {
  if (offset >= source.size()) return "the end of the text";
  const char c = source[offset];
  if (c == '\n' || c == '\r') return "the end of the line";
  const auto byte = static_cast<unsigned char>(c);
  if (byte < 0x20 || byte == 0x7F) return fmt::format("byte 0x{:02x}", byte);
  size_t end = offset + 1;
  while (end < source.size() && end < offset + 4 && is_continuation(source[end])) ++end;
  return fmt::format("'{}'", source.substr(offset, end - offset));
}

Status source_error(std::string_view source, size_t offset, std::string_view message) {
  return invalid_argument(fmt::format("{}: {}", describe_position(source, offset), message));
}

Status expected_error(std::string_view source, size_t offset, std::string_view what) {
  return source_error(source, offset,
                      fmt::format("expected {}, found {}", what, describe_found(source, offset)));
}

}  // namespace samovar::grammar
