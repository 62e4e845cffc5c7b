// LineReader: the bytes of an application/x-ndjson stream to its lines.
//
// Thread: one. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <functional>
#include <string>
#include <string_view>

namespace samovar::cloud {

class LineReader {
 public:
  // Gives each line that `bytes` completes to `on_line`; its first error ends the call and is
  // returned. kTooLarge for a line over 16 MiB.
  Status feed(std::string_view bytes, const std::function<Status(std::string_view)>& on_line);
  // All that has come is whole lines, but for blanks: signs of life.
  bool between_lines() const { return line_.find_first_not_of(' ') == std::string::npos; }

 private:
  std::string line_;
};

}  // namespace samovar::cloud
