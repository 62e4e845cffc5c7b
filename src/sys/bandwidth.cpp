#include "sys/bandwidth.h"

#include "base/clock.h"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstring>

namespace samovar::sys {
namespace {

constexpr int64_t kChunkBytes = int64_t{1} << 20;
constexpr size_t kLanes = 16;  // independent sums: enough to keep the load ports busy

// A sum over the bytes, so that no read can be left out.
uint64_t sum_words(const std::byte* data, size_t n_bytes) {
  uint64_t lanes[kLanes] = {};
  const size_t n_blocks = n_bytes / sizeof(lanes);
  for (size_t block = 0; block < n_blocks; ++block) {
    uint64_t words[kLanes];
    std::memcpy(words, data + block * sizeof(words), sizeof(words));
    for (size_t i = 0; i < kLanes; ++i) lanes[i] += words[i];
  }
  uint64_t sum = 0;
  for (const uint64_t lane : lanes) sum += lane;
  return sum;
}

}  // namespace

double read_bytes_per_second(std::span<const std::byte> bytes, ThreadPool& pool, int rounds) {
  std::atomic<uint64_t> sink{0};
  double best = 0;
  for (int round = 0; round <= rounds; ++round) {
    const int64_t start_us = system_clock().monotonic_us();
    pool.parallel_for(
        static_cast<int64_t>(bytes.size()), kChunkBytes, [&](int64_t begin, int64_t end, int) {
          sink.fetch_add(sum_words(bytes.data() + begin, static_cast<size_t>(end - begin)),
                         std::memory_order_relaxed);
        });
    const int64_t elapsed_us = std::max<int64_t>(1, system_clock().monotonic_us() - start_us);
    if (round > 0)
      best =
          std::max(best, static_cast<double>(bytes.size()) * 1e6 / static_cast<double>(elapsed_us));
  }
  return best;
}

}  // namespace samovar::sys
