// The machine's own read speed: the ceiling of generation, which reads every weight for each token.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/thread_pool.h"

#include <cstddef>
#include <span>

namespace samovar::sys {

// Bytes per second at which `pool` can read `bytes` once through, in parallel: the best of `rounds`
// after one warm-up. The bytes should be larger than the caches. Thread: the pool's caller.
double read_bytes_per_second(std::span<const std::byte> bytes, ThreadPool& pool, int rounds = 3);

}  // namespace samovar::sys
