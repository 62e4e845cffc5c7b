#include "cloud/event_reader.h"

namespace samovar::cloud {
namespace {

constexpr size_t kMaxBytes = size_t{16} << 20;

}  // namespace

Status EventReader::feed(std::string_view bytes,
                         const std::function<Status(std::string_view)>& on_event) {
  while (!bytes.empty()) {
    if (after_cr_ && bytes.front() == '\n') bytes.remove_prefix(1);
    after_cr_ = false;
    const size_t end = bytes.find_first_of("\r\n");
    line_ += bytes.substr(0, end);
    if (line_.size() + data_.size() > kMaxBytes) {
      return too_large("an event of the stream has more than 16 MiB");
    }
    if (end == std::string_view::npos) return {};
    after_cr_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    SAMOVAR_TRY(end_line(on_event));
  }
  return {};
}

Status EventReader::end_line(const std::function<Status(std::string_view)>& on_event) {
  std::string_view line = line_;
  Status status;
  if (line.empty()) {
    if (has_data_) status = on_event(data_);
    data_.clear();
    has_data_ = false;
  } else if (line == "data" || line.starts_with("data:")) {
    line.remove_prefix(line.size() > 4 ? 5 : 4);
    if (line.starts_with(' ')) line.remove_prefix(1);
    if (has_data_) data_ += '\n';
    data_ += line;
    has_data_ = true;
  }
  line_.clear();
  return status;
}

}  // namespace samovar::cloud
