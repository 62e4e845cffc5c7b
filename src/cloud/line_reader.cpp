#include "cloud/line_reader.h"

namespace samovar::cloud {
namespace {

constexpr size_t kMaxBytes = size_t{16} << 20;

}  // namespace

Status LineReader::feed(std::string_view bytes,
                        const std::function<Status(std::string_view)>& on_line) {
  for (;;) {
    const size_t end = bytes.find('\n');
    line_ += bytes.substr(0, end);
    if (line_.size() > kMaxBytes) return too_large("a line of the stream has more than 16 MiB");
    if (end == std::string_view::npos) return {};
    bytes.remove_prefix(end + 1);
    const Status status = on_line(line_);
    line_.clear();
    SAMOVAR_TRY(status);
  }
}

}  // namespace samovar::cloud
