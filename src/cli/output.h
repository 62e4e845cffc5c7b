// Answers to stdout, and sizes in words that people read.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::cli {

// kCancelled if the reader has gone, else kInternal or kResourceExhausted by errno.
Status write_stdout(std::string_view text);
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
