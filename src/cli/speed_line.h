// The line of figures after an answer.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/session.h"
#include "engine/request.h"

#include <string>

namespace samovar::cli {

// Measures the machine's read speed over the model's own bytes, once, and shows answers against it.
class SpeedLine {
 public:
  explicit SpeedLine(const Session& session) : session_(&session) {}
  // "31 prompt tokens at 412.0/s, 57 answer tokens at 48.1/s = 10.9 GB/s, 71 % of this
  // machine's 15.3 GB/s"
  std::string describe(const engine::Timings& timings);

 private:
  const Session* session_;
  double read_bytes_per_second_ = 0;
};

}  // namespace samovar::cli
