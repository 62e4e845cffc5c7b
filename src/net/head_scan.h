// HeadScan: line lengths, line count and line endings of a request head, before it is parsed.
//
// A head is refused at the first byte over a limit, however slowly it comes. Knows lines only, not
// their grammar. Thread: one at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/request_reader.h"

#include <cstddef>
#include <string_view>

namespace samovar::net {

class HeadScan {
 public:
  explicit HeadScan(const ReaderLimits& limits) : limits_(limits) {}

  // Reads on, up to the blank line that ends the head. RETURNS how many bytes it has seen.
  size_t feed(std::string_view bytes);
  int error_status() const { return error_status_; }  // 0: fine so far
  std::string_view error_message() const { return error_message_; }

 private:
  void see(char c);
  void end_line();
  void fail(int status, std::string_view message);

  ReaderLimits limits_;
  size_t n_lines_ = 0;     // whole lines before this one
  size_t line_bytes_ = 0;  // of this line so far, its CR included
  char previous_ = '\0';
  bool done_ = false;
  int error_status_ = 0;
  std::string_view error_message_;
};

}  // namespace samovar::net
