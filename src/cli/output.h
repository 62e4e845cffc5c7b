// Answers to stdout, and sizes in words that people read.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace samovar::cli {

// kCancelled if the reader has gone, else kInternal or kResourceExhausted by errno.
Status write_stdout(std::string_view text);
std::string human_bytes(uint64_t bytes);    // "98.4 MB", "1.12 GB": decimal, as disks are sold
std::string human_count(uint64_t count);    // "135 M", "1.54 B"
std::string human_seconds(double seconds);  // "7 s", "2 min 05 s", "1 h 10 min"

}  // namespace samovar::cli
