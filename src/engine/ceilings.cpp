#include "engine/ceilings.h"

#include "base/arena.h"
#include "base/clock.h"
#include "sys/bandwidth.h"
#include "sys/mapped_file.h"

#include <algorithm>
#include <atomic>
#include <cstring>

namespace samovar::engine {
namespace {

constexpr int64_t kPeakRounds = 100'000;  // about 0.5 ms
constexpr int64_t kPeakChunks = 10;       // of those, for each thread
constexpr int kPeakRepetitions = 20;

double measure_macs_per_second(const kernels::KernelTable& kernels, ThreadPool& pool) {
  if (kernels.int8_peak == nullptr) return 0;
  double best = 0;
  for (int i = 0; i < kPeakRepetitions; ++i) {
    std::atomic<int64_t> macs{0};
    const int64_t start_us = system_clock().monotonic_us();
    pool.parallel_for(kPeakChunks * pool.size(), 1, [&](int64_t begin, int64_t end, int) {
      for (; begin < end; ++begin) macs += kernels.int8_peak(kPeakRounds);
    });
    const int64_t elapsed_us = std::max<int64_t>(1, system_clock().monotonic_us() - start_us);
    best = std::max(best, static_cast<double>(macs) * 1e6 / static_cast<double>(elapsed_us));
  }
  return best;
}

}  // namespace

void Ceilings::raise_to(const Ceilings& other) {
  bytes_per_second = std::max(bytes_per_second, other.bytes_per_second);
  macs_per_second = std::max(macs_per_second, other.macs_per_second);
}

Ceilings measure_ceilings(const LoadedModel& model, const kernels::KernelTable& kernels,
                          ThreadPool& pool) {
  double n_bytes = 0, seconds = 0;
  for (const auto& mapping : model.file().mappings()) {
    const auto size = static_cast<double>(mapping->bytes().size());
    n_bytes += size;
    seconds += size / sys::read_bytes_per_second(mapping->bytes(), pool);
  }
  return {.bytes_per_second = seconds > 0 ? n_bytes / seconds : 0,
          .macs_per_second = measure_macs_per_second(kernels, pool)};
}

Result<Ceilings> measure_machine(uint64_t n_bytes, const kernels::KernelTable& kernels,
                                 ThreadPool& pool) {
  Ledger ledger;
  SAMOVAR_ASSIGN(const Buffer memory, Buffer::allocate(ledger, MemoryUse::kWorkspace, n_bytes));
  // Written to: pages that nobody has written to are all one.
  std::memset(memory.data(), 1, memory.size_bytes());
  return Ceilings{
      .bytes_per_second = sys::read_bytes_per_second({memory.data(), memory.size_bytes()}, pool),
      .macs_per_second = measure_macs_per_second(kernels, pool)};
}

double kv_bytes_read(const model::ModelConfig& config, kernels::KvType type, double depth) {
  const double layer_bytes = static_cast<double>(model::kv_bytes_per_token(config, type)) /
                             static_cast<double>(config.n_layer);
  double bytes = 0;
  for (int64_t l = 0; l < config.n_layer; ++l) {
    const int32_t window = config.window.empty() ? 0 : config.window[static_cast<size_t>(l)];
    bytes += layer_bytes * (window > 0 ? std::min(depth, static_cast<double>(window)) : depth);
  }
  return bytes;
}

TokenWork prompt_work(const model::Model& model, kernels::KvType kv_type, int64_t depth, int64_t n,
                      int64_t step_rows) {
  const model::RowMacs macs = model::row_macs(model.weights());
  const auto rows = static_cast<double>(std::min(n, step_rows));
  const double middle = static_cast<double>(depth) + static_cast<double>(n) / 2;
  return {.macs = macs.layers + macs.logits / rows,
          .bytes = (static_cast<double>(model.bytes_per_token()) +
                    kv_bytes_read(model.config(), kv_type, middle)) /
                   rows};
}

TokenWork generation_work(const model::Model& model, kernels::KvType kv_type, int64_t depth,
                          int64_t n, int64_t n_sequences) {
  const model::RowMacs macs = model::row_macs(model.weights());
  const double middle = static_cast<double>(depth) + static_cast<double>(n) / 2;
  return {.macs = macs.layers + macs.logits,
          .bytes = static_cast<double>(model.bytes_per_token()) / static_cast<double>(n_sequences) +
                   kv_bytes_read(model.config(), kv_type, middle)};
}

}  // namespace samovar::engine
