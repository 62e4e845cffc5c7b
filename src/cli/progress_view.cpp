#include "cli/progress_view.h"

#include "cli/output.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

using store::Phase;
using store::Progress;

constexpr int kBarCells = 30;
constexpr int64_t kLineEveryUs = 10'000'000;

const char* phase_word(Phase phase) {
  switch (phase) {
    case Phase::kLookup:
      return "asking";
    case Phase::kWaiting:
      return "waiting";
    case Phase::kDownload:
      return "fetching";
    case Phase::kVerify:
      return "checking";
    case Phase::kCopy:
      return "copying";
    case Phase::kDone:
      return "done";
    case Phase::kSourceFailed:
      return "failed";
  }
  return "";
}

double share(const Progress& progress) {
  if (progress.bytes_total == 0) return 0;
  return std::min(
      1.0, static_cast<double>(progress.bytes_done) / static_cast<double>(progress.bytes_total));
}

// "45.1 MB of 98.4 MB, 12.0 MB/s, 4 s left"
std::string amounts(const Progress& progress) {
  std::string text = human_bytes(progress.bytes_done);
  if (progress.bytes_total != 0) text += " of " + human_bytes(progress.bytes_total);
  if (progress.bytes_per_s < 1) return text;
  text += fmt::format(", {}/s", human_bytes(static_cast<uint64_t>(progress.bytes_per_s)));
  if (progress.bytes_total > progress.bytes_done) {
    const auto left_bytes = static_cast<double>(progress.bytes_total - progress.bytes_done);
    text += fmt::format(", {} left", human_seconds(left_bytes / progress.bytes_per_s));
  }
  return text;
}

}  // namespace

std::string ProgressView::draw(const Progress& progress) {
  if (progress.phase == Phase::kDone) return finish();
  return is_terminal_ ? draw_bar(progress) : draw_line(progress);
}

std::string ProgressView::finish() {
  if (!line_open_) return "";
  line_open_ = false;
  return "\n";
}

std::string ProgressView::draw_bar(const Progress& progress) {
  if (progress.phase == Phase::kSourceFailed) {
    return fmt::format("{}{}\n", finish(), progress.note);
  }
  line_open_ = true;
  if (progress.bytes_total == 0 && progress.bytes_done == 0) {
    return fmt::format("\r\x1b[K{} {}", phase_word(progress.phase), progress.note);
  }
  const int filled = static_cast<int>(share(progress) * kBarCells);
  const std::string bar =
      progress.bytes_total == 0
          ? ""
          : fmt::format("[{:-<{}}] ", std::string(static_cast<size_t>(filled), '#'), kBarCells);
  return fmt::format("\r\x1b[K{} {}{}", phase_word(progress.phase), bar, amounts(progress));
}

std::string ProgressView::draw_line(const Progress& progress) {
  const int64_t now_us = clock_.monotonic_us();
  const int tenth = static_cast<int>(share(progress) * 10);
  const bool new_phase = progress.phase != phase_ || progress.phase == Phase::kSourceFailed;
  if (!new_phase && tenth == tenth_ && now_us - line_us_ < kLineEveryUs) return "";
  if (!new_phase && now_us - line_us_ < 1'000'000 && tenth < 10) return "";
  phase_ = progress.phase;
  tenth_ = tenth;
  line_us_ = now_us;
  if (new_phase && progress.bytes_done == 0) {
    return fmt::format("{} {}\n", phase_word(progress.phase), progress.note);
  }
  return fmt::format("{} {}\n", phase_word(progress.phase), amounts(progress));
}

}  // namespace samovar::cli
