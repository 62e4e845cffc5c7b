// The small text files of /proc, /sys and cgroups: reading and taking apart.
//
// A file that can't be read is an empty text: whoever asks has a fallback. Thread: pure functions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::sys {

// The file without its last newline; empty when it can't be read or is over 4 MiB.
std::string read_small(const std::string& path);
// The parts between separators; empty parts are dropped.
std::vector<std::string_view> split(std::string_view text, char separator);
// The parts between blanks and tabs.
std::vector<std::string_view> words(std::string_view text);
// The whole text as a decimal number.
std::optional<uint64_t> parse_u64(std::string_view text);
// The number behind `name` in lines like "MemTotal:  123 kB" or "active_file 456"; units are
// ignored.
std::optional<uint64_t> field_u64(std::string_view text, std::string_view name);

}  // namespace samovar::sys
