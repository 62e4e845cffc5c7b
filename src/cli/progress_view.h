// ProgressView: a pull's progress on stderr: one redrawn line on a terminal, else a plain line per
// tenth of the model or ten seconds.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "store/progress.h"

#include <cstdint>
#include <string>

namespace samovar::cli {

class ProgressView {
 public:
  ProgressView(bool is_terminal, const Clock& clock) : is_terminal_(is_terminal), clock_(clock) {}

  // What to write for `progress`: empty most of the time when there is no terminal.
  std::string draw(const store::Progress& progress);
  // Ends a line that is being redrawn.
  std::string finish();

 private:
  std::string draw_bar(const store::Progress& progress);
  std::string draw_line(const store::Progress& progress);

  const bool is_terminal_;
  const Clock& clock_;
  bool line_open_ = false;
  store::Phase phase_ = store::Phase::kDone;
  int tenth_ = -1;
  int64_t line_us_ = 0;
};

}  // namespace samovar::cli
