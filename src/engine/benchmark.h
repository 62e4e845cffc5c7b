// Benchmark: prompt and generation speed of a model without server, text or sampling.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "engine/ceilings.h"
#include "engine/loaded_model.h"
#include "kernels/table.h"

#include <cstdint>
#include <string>
#include <vector>

namespace samovar::engine {

struct BenchmarkOptions {
  int64_t n_prompt = 512;   // tokens of the prompt tests; 0: skip them
  int64_t n_generate = 48;  // tokens of the generation tests; 0: skip them
  std::vector<int64_t> depths = {
      0};                        // tokens already in the context; prompt and generation at each
  std::vector<int64_t> batches;  // sequences that generate together, behind no other tokens
  int64_t step_rows = 256;       // rows of one prompt step
  int n_threads = 1;
  int repetitions = 5;
  kernels::KvType kv_type = kernels::KvType::kI16;
};

struct BenchmarkResult {
  std::string test;                       // "pp512", "tg48", "pp512@d4096", "tg48@b8"
  std::vector<double> tokens_per_second;  // one for each repetition; of all sequences together
  TokenWork work;                         // of one token

  double median() const;
  double macs_per_second() const { return median() * work.macs; }
  double bytes_per_second() const { return median() * work.bytes; }
};

struct BenchmarkReport {
  std::vector<BenchmarkResult> results;
  Ceilings ceilings;
  int64_t first_token_us = 0;  // memory and a prompt of one token, before any weight was touched
  uint64_t weight_bytes_per_token = 0;  // that generation reads
};

// Runs on the calling thread and a pool of its own. kInvalidArgument: a batch of no sequences.
Result<BenchmarkReport> run_benchmark(const LoadedModel& model, const kernels::KernelTable& kernels,
                                      const BenchmarkOptions& options);

}  // namespace samovar::engine
