#include "store/range_reader.h"

#include "store/download.h"
#include "store/shown_url.h"

#include <fmt/format.h>

namespace samovar::store {
namespace {

constexpr int kPartial = 206;

}  // namespace

Result<std::string> RangeReader::read(uint64_t begin, uint64_t n_bytes) {
  net::ClientRequest request;
  request.url = url_;
  request.authorization = authorization_;
  request.range_start = begin;
  request.range_last = begin + n_bytes - 1;
  std::string bytes;
  Status ours;  // what stopped the sink
  request.sink = [&](const net::Response& head, std::string_view piece) {
    if (head.status != kPartial) {
      ours = unsupported(
          fmt::format("{}: the server sends whole files only, so the header can't be read alone",
                      shown_url(url_)));
    } else if (piece.size() > n_bytes - bytes.size()) {
      ours = corrupt(fmt::format("{}: more bytes than were asked for", shown_url(url_)));
    } else {
      bytes += piece;
    }
    return ours.ok();
  };
  const auto answer = client_.perform(request);
  fetched_bytes_ += bytes.size();
  if (!ours.ok()) return ours;
  if (!answer.ok()) return answer.status();
  if (answer->response.status / 100 != 2) return http_problem(answer->response.status, url_);
  const std::string_view said = answer->response.headers.find("Content-Range").value_or("");
  const auto range = parse_content_range(said);
  if (!range || range->begin != begin || !range->total || *range->total < begin + bytes.size()) {
    return corrupt(fmt::format("{}: asked for bytes from {}, the answer is \"{}\"", shown_url(url_),
                               begin, said));
  }
  if (size_bytes_ != 0 && size_bytes_ != *range->total) {
    return corrupt(fmt::format("{}: the file changed while it was read", shown_url(url_)));
  }
  size_bytes_ = *range->total;
  return bytes;
}

}  // namespace samovar::store
