// Doctor: what is good, what could be better and what is wrong with a machine that runs models.
//
// Reads /proc and /sys below `root`: tests give a made-up tree. What has to be tried (disk,
// kernels) comes with other functions. THREAD: any.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::host {

enum class Grade : uint8_t { kGood, kAdvice, kWrong };
std::string_view grade_name(Grade grade);  // "good", "advice", "wrong"

struct Finding {
  std::string subject;  // "huge pages"
  Grade grade = Grade::kGood;
  std::string found;   // "madvise"
  std::string advice;  // what to change; empty where nothing needs to
};

// CPU, cores, quota, memory, swap, zram, huge pages, cgroup, governor.
std::vector<Finding> examine_machine(const std::string& root = "");

// Where models lie: is there room, and how fast is it? Reads up to 256 MiB of `file`, past the page
// cache; an empty `file` leaves the speed out.
std::vector<Finding> examine_disk(const std::string& folder, const std::string& file);
// How much of a model's file is in the page cache.
Finding examine_page_cache(const std::string& name, uint64_t size_bytes, uint64_t resident_bytes);

}  // namespace samovar::host
