#include "api/throughput.h"

#include "engine/request.h"

#include <charconv>

#include <fmt/format.h>

namespace samovar::api {
namespace {

constexpr size_t kMaxPoints = 4096;  // a scraper that reads more often gets a shorter window
constexpr int64_t kMaxSeconds = 86'400;

}  // namespace

Result<ThroughputWindow> parse_throughput_window(std::string_view text) {
  using Kind = ThroughputWindow::Kind;
  if (text == "scrape") return ThroughputWindow{Kind::kScrape};
  if (text == "lifetime") return ThroughputWindow{Kind::kLifetime};
  int64_t seconds = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, seconds);
  const bool is_seconds = error == std::errc() && std::string_view(stop, end) == "s";
  if (!is_seconds || seconds < 1 || seconds > kMaxSeconds) {
    return invalid_argument(
        fmt::format("expected scrape, lifetime or 1s to {}s, found `{}`", kMaxSeconds, text));
  }
  return ThroughputWindow{Kind::kSeconds, seconds};
}

double Throughput::read(int64_t tokens, int64_t us, int64_t now_us, bool moves) {
  using Kind = ThroughputWindow::Kind;
  MutexLock lock(mutex_);
  if (window_.kind == Kind::kSeconds) {
    const int64_t begin_us = now_us - window_.seconds * 1'000'000;
    while (points_.size() > 1 && (points_[1].at_us <= begin_us || points_.size() >= kMaxPoints)) {
      points_.pop_front();
    }
    points_.push_back({now_us, tokens, us});
  }
  const Point from = points_.front();
  if (window_.kind == Kind::kScrape && moves) points_ = {{now_us, tokens, us}};
  // A model that was loaded anew counts from 0 again.
  if (tokens < from.tokens || us < from.us) {
    points_ = {{now_us, tokens, us}};
    return engine::per_second(tokens, us);
  }
  return engine::per_second(tokens - from.tokens, us - from.us);
}

}  // namespace samovar::api
