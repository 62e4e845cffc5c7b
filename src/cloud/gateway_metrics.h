// GatewayMetrics: what the gateway counts, under /metrics.
//
// Thread: any. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud/credentials.h"
#include "metrics/registry.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace samovar::cloud {

// Why a request went upstream once more.
enum class RetryReason : uint8_t { kNotReady, kNoToken, kTokenRefused, kNoConnection, kBrokenRead };
inline constexpr int kRetryReasons = 5;

class GatewayMetrics {
 public:
  // BORROWS credentials.
  explicit GatewayMetrics(const Credentials& credentials);

  std::string expose() const;
  void count_answer(int status, int64_t duration_us);
  void count_retry(RetryReason reason);
  void count_first_byte(int64_t after_us) { first_byte_.observe(seconds(after_us)); }
  void count_bytes(uint64_t n_bytes) { bytes_.add(static_cast<double>(n_bytes)); }
  void count_upstream() { upstream_.add(); }
  void count_broken_stream() { broken_.add(); }
  const metrics::Gauge& in_flight() const { return in_flight_; }
  const metrics::Gauge& waiting() const { return waiting_; }

 private:
  static double seconds(int64_t us) { return static_cast<double>(us) / 1e6; }

  const Credentials& credentials_;
  metrics::Registry registry_;
  const metrics::Counter upstream_, broken_, bytes_;
  const metrics::Gauge in_flight_, waiting_;
  const metrics::Histogram first_byte_, duration_;
};

}  // namespace samovar::cloud
