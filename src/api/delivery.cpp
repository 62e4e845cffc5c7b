#include "api/delivery.h"

#include "net/sse.h"

namespace samovar::api {

net::Headers stream_headers(Delivery delivery) {
  return delivery == Delivery::kJsonLines ? net::sse::json_lines_headers() : net::sse::headers();
}

std::string frame(Delivery delivery, std::string_view json) {
  return delivery == Delivery::kJsonLines ? net::sse::json_line(json) : net::sse::event(json);
}

std::string_view stream_end(Delivery delivery) {
  return delivery == Delivery::kEventsDone ? net::sse::kDone : std::string_view();
}

net::StreamPing stream_ping(Delivery delivery, int64_t interval_s) {
  if (interval_s < 0) return {};
  const bool lines = delivery == Delivery::kJsonLines;
  return {std::string(lines ? net::sse::kBlank : net::sse::kComment), interval_s * 1000};
}

}  // namespace samovar::api
