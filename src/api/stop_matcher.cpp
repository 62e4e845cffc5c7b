#include "api/stop_matcher.h"

#include "chat/held_text.h"

#include <algorithm>
#include <utility>

namespace samovar::api {

StopStrings stop_strings(std::vector<std::string> stops) {
  std::erase_if(stops, [](const std::string& stop) { return stop.empty(); });
  if (stops.empty()) return nullptr;
  return std::make_shared<const std::vector<std::string>>(std::move(stops));
}

StopMatcher::StopMatcher(StopStrings stops) : stops_(std::move(stops)) {}

std::string StopMatcher::push(std::string_view text) {
  if (stopped()) return {};
  if (stops_ == nullptr) return std::string(text);
  held_ += text;
  size_t first = std::string::npos;
  for (const std::string& stop : *stops_) {
    const size_t at = held_.find(stop);
    if (at < first) {
      first = at;
      stopping_word_ = stop;
    }
  }
  size_t ready = first;
  if (first == std::string::npos) {
    size_t kept = 0;
    for (const std::string& stop : *stops_) kept = std::max(kept, chat::begun_size(held_, stop));
    ready = held_.size() - kept;
  }
  std::string out = held_.substr(0, ready);
  held_.erase(0, stopped() ? std::string::npos : ready);
  return out;
}

std::string StopMatcher::flush() {
  return std::exchange(held_, {});
}

}  // namespace samovar::api
