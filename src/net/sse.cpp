#include "net/sse.h"

#include <utility>

namespace samovar::net::sse {
namespace {

Headers stream_headers(std::string type) {
  return {{"Content-Type", std::move(type)},
          {"Cache-Control", "no-cache"},
          {"X-Accel-Buffering", "no"}};
}

}  // namespace

std::string event(std::string_view data) {
  std::string framed = "data: ";
  framed.reserve(data.size() + 8);
  for (size_t i = 0; i < data.size(); ++i) {
    const bool crlf = data[i] == '\r' && i + 1 < data.size() && data[i + 1] == '\n';
    if (crlf) ++i;
    if (crlf || data[i] == '\n' || data[i] == '\r') {
      framed += "\ndata: ";
    } else {
      framed.push_back(data[i]);
    }
  }
  framed += "\n\n";
  return framed;
}

std::string named_event(std::string_view name, std::string_view data) {
  return "event: " + std::string(name) + "\n" + event(data);
}

std::string json_line(std::string_view json) {
  return std::string(json) + "\n";
}

Headers headers() {
  return stream_headers("text/event-stream");
}

Headers json_lines_headers() {
  return stream_headers("application/x-ndjson");
}

}  // namespace samovar::net::sse
