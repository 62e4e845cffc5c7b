// The results of samovar bench as text, JSON and a picture, each beside the machine's ceilings.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/benchmark.h"
#include "json/json_fwd.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace samovar::cli {

struct BenchReport {
  std::string model;
  std::string_view isa;
  int n_threads = 1;
  int64_t load_us = 0;
  uint64_t anonymous_bytes = 0, mapped_bytes = 0;  // resident at the end
  engine::BenchmarkReport measured;
};

// How much of the machine a test used: multiply-adds and bytes read, 0 to 1, 0 where no ceiling is.
struct Shares {
  double macs = 0, bytes = 0;
};
Shares shares(const engine::BenchmarkResult& result, const engine::Ceilings& ceilings);

std::string bench_text(const BenchReport& report);
json::Value bench_json(const BenchReport& report);
// A bar for each test: its share of the ceiling that is nearer.
std::string bench_svg(const BenchReport& report);

}  // namespace samovar::cli
