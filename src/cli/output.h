// Answers to stdout, words for whoever watches to stderr, and sizes in words that people read.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

namespace samovar::cli {

// kCancelled if the reader has gone, else kInternal or kResourceExhausted by errno.
Status write_stdout(std::string_view text);
// Never fails: a server goes on when nobody can hear it any more (a closed pipe, a full disk).
void write_stderr(std::string_view text);
template <class... Args>
void tell(fmt::format_string<Args...> format, Args&&... args) {
  fmt::memory_buffer text;  // no allocation for a line
  fmt::format_to(fmt::appender(text), format, std::forward<Args>(args)...);
  write_stderr({text.data(), text.size()});
}
std::string human_bytes(uint64_t bytes);    // "98.4 MB", "1.12 GB": decimal, as disks are sold
std::string human_count(uint64_t count);    // "135 M", "1.54 B"
std::string human_seconds(double seconds);  // "7 s", "2 min 05 s", "1 h 10 min"

struct Column {
  enum class Align : uint8_t { kLeft, kRight };
  std::string title;
  Align align = Align::kLeft;
};
// Lines of cells, each column as wide as its widest cell, two blanks between. REQUIRES: a cell for
// each column in every row.
std::string table(const std::vector<Column>& columns,
                  const std::vector<std::vector<std::string>>& rows);

}  // namespace samovar::cli
