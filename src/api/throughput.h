// Throughput: tokens per second over a window, from two totals that only grow.
//
// Which window is the reader's choice: from the last scrape on (as llama-server has it; an idle
// server shows 0), the whole life, or the last seconds. Thread: any.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "base/sync.h"

#include <cstdint>
#include <deque>
#include <string_view>

namespace samovar::api {

struct ThroughputWindow {
  enum class Kind : uint8_t { kScrape, kLifetime, kSeconds };
  Kind kind = Kind::kScrape;
  int64_t seconds = 0;  // of kSeconds
};

// "scrape", "lifetime" or "30s".
Result<ThroughputWindow> parse_throughput_window(std::string_view text);

class Throughput {
 public:
  explicit Throughput(ThroughputWindow window) : window_(window) {}

  // Tokens and the microseconds they took, since the start, at monotonic time `now_us`. With
  // `moves` the next window of kScrape begins here. RETURNS tokens per second.
  double read(int64_t tokens, int64_t us, int64_t now_us, bool moves);

 private:
  struct Point {
    int64_t at_us, tokens, us;
  };

  const ThroughputWindow window_;
  Mutex mutex_;
  // Earlier reads, the oldest first; the window begins at the first.
  std::deque<Point> points_ SAMOVAR_TSA(guarded_by(mutex_)) = {{0, 0, 0}};
};

}  // namespace samovar::api
