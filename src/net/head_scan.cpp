#include "net/head_scan.h"

namespace samovar::net {

size_t HeadScan::feed(std::string_view bytes) {
  size_t n_seen = 0;
  while (n_seen < bytes.size() && !done_ && error_status_ == 0) see(bytes[n_seen++]);
  return n_seen;
}

void HeadScan::see(char c) {
  if (c == '\n') {
    end_line();
  } else {
    if (previous_ == '\r') return fail(400, "a carriage return within a line of the head");
    if (line_bytes_ == 0 && n_lines_ > 0 && (c == ' ' || c == '\t')) {
      return fail(400, "a header line begins with a space");
    }
    ++line_bytes_;
    if (n_lines_ == 0 && line_bytes_ > limits_.max_request_line_bytes + 1) {
      return fail(414, "the request line is over the size limit");
    }
    if (n_lines_ > 0 && line_bytes_ > limits_.max_header_bytes + 1) {
      return fail(431, "a header is over the size limit");
    }
  }
  previous_ = c;
}

void HeadScan::end_line() {
  if (previous_ != '\r') return fail(400, "a line of the head does not end with CR LF");
  if (line_bytes_ == 1) {
    done_ = true;
    return;
  }
  ++n_lines_;
  line_bytes_ = 0;
  if (n_lines_ > limits_.max_headers + 1) fail(431, "too many headers");
}

void HeadScan::fail(int status, std::string_view message) {
  error_status_ = status;
  error_message_ = message;
}

}  // namespace samovar::net
