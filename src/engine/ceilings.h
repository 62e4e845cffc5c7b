// Ceilings: what this machine can do at most, measured in this process with the same threads, and
// what a model asks of it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "base/thread_pool.h"
#include "engine/loaded_model.h"
#include "kernels/table.h"

#include <cstdint>

namespace samovar::engine {

struct Ceilings {
  double bytes_per_second = 0;  // reading the model's own mapped bytes
  double macs_per_second = 0;   // multiply-adds of 8-bit integers; 0: the level has no such loop

  // The higher of each: a measurement is only ever disturbed downwards.
  void raise_to(const Ceilings& other);
};

// Takes about half a second, and the time to read the file four times.
Ceilings measure_ceilings(const LoadedModel& model, const kernels::KernelTable& kernels,
                          ThreadPool& pool);

// The same without a model: what is read are n_bytes of ordinary memory, more than the caches hold.
// kResourceExhausted where there are not that many.
Result<Ceilings> measure_machine(uint64_t n_bytes, const kernels::KernelTable& kernels,
                                 ThreadPool& pool);

// Keys and values that a row behind `depth` others reads, in bytes.
double kv_bytes_read(const model::ModelConfig& config, kernels::KvType type, double depth);

// What one token costs, averaged over a test.
struct TokenWork {
  double macs = 0;   // with weights; attention not counted
  double bytes = 0;  // of weights, keys and values, read from memory
};

// n tokens of a prompt behind `depth` others, step_rows in a step.
TokenWork prompt_work(const model::Model& model, kernels::KvType kv_type, int64_t depth, int64_t n,
                      int64_t step_rows);
// n tokens for each of n_sequences sequences, one of each in a step.
TokenWork generation_work(const model::Model& model, kernels::KvType kv_type, int64_t depth,
                          int64_t n, int64_t n_sequences);

}  // namespace samovar::engine
