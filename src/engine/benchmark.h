// Benchmark: prompt and generation speed of a model without server, text or sampling.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "engine/loaded_model.h"
#include "kernels/table.h"

#include <cstdint>
#include <string>
#include <vector>

namespace samovar::engine {

struct BenchmarkOptions {
  int64_t n_prompt = 512;    // tokens of the prompt test; 0: skip
  int64_t n_generate = 48;   // tokens of the generation test; 0: skip
  int64_t depth = 0;         // tokens already in the context before each test
  int64_t batch_rows = 128;  // rows of one prompt step
  int n_threads = 1;
  int repetitions = 5;
  kernels::KvType kv_type = kernels::KvType::kF16;
};

struct BenchmarkResult {
  std::string test;                       // "pp512", "tg48", "pp512@d4096"
  std::vector<double> tokens_per_second;  // one for each repetition
  double median() const;
};

struct BenchmarkReport {
  std::vector<BenchmarkResult> results;
  double read_bytes_per_second = 0;  // of this machine over the same mapped bytes
  uint64_t bytes_per_token = 0;      // that generation reads
};

// Runs on the calling thread and a pool of its own.
Result<BenchmarkReport> run_benchmark(const LoadedModel& model, const kernels::KernelTable& kernels,
                                      const BenchmarkOptions& options);

}  // namespace samovar::engine
