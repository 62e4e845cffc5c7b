// The picture of samovar bench: one bar for each test.
#include "cli/bench_report.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

constexpr int kBarHeight = 18, kRowHeight = 26, kTop = 56, kLabelWidth = 110, kFullWidth = 400;
constexpr int kWidth = kLabelWidth + kFullWidth + 240;
constexpr std::string_view kReadColour = "#3b78b4", kPeakColour = "#c8713a";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string row(const engine::BenchmarkResult& result, const engine::Ceilings& ceilings, int top) {
  const Shares share = shares(result, ceilings);
  const bool reads = share.bytes >= share.macs;
  const double length = kFullWidth * std::min(1.0, reads ? share.bytes : share.macs);
  const std::string rate = reads ? fmt::format("{:.1f} GB/s = {:.0f} %",
                                               result.bytes_per_second() / 1e9, 100 * share.bytes)
                                 : fmt::format("{:.1f} GMAC/s = {:.0f} %",
                                               result.macs_per_second() / 1e9, 100 * share.macs);
  return fmt::format(
      "<text x=\"{}\" y=\"{}\" text-anchor=\"end\">{}</text>\n"
      "<rect x=\"{}\" y=\"{}\" width=\"{:.1f}\" height=\"{}\" fill=\"{}\"/>\n"
      "<text x=\"{}\" y=\"{}\">{:.2f} tok/s, {}</text>\n",
      kLabelWidth - 8, top + 14, escaped(result.test), kLabelWidth, top, length, kBarHeight,
      reads ? kReadColour : kPeakColour, kLabelWidth + kFullWidth + 8, top + 14, result.median(),
      rate);
}

}  // namespace

std::string bench_svg(const BenchReport& report) {
  const engine::Ceilings& ceilings = report.measured.ceilings;
  const int n_rows = static_cast<int>(report.measured.results.size());
  const int height = kTop + n_rows * kRowHeight + 16;
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{0}\" height=\"{1}\" "
      "font-family=\"sans-serif\""
      " font-size=\"13\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"#fff\"/>\n"
      "<text x=\"8\" y=\"20\" font-size=\"15\">{2}: {3} threads, {4} kernels</text>\n"
      "<text x=\"8\" y=\"42\" fill=\"{5}\">share of {6:.1f} GB/s read</text>\n"
      "<text x=\"200\" y=\"42\" fill=\"{7}\">share of {8:.0f} GMAC/s of 8-bit integers</text>\n",
      kWidth, height, escaped(report.model), report.n_threads, report.isa, kReadColour,
      ceilings.bytes_per_second / 1e9, kPeakColour, ceilings.macs_per_second / 1e9);
  for (int i = 0; i < n_rows; ++i) {
    svg += row(report.measured.results[static_cast<size_t>(i)], ceilings, kTop + i * kRowHeight);
  }
  const int limit = kLabelWidth + kFullWidth;
  svg +=
      fmt::format("<line x1=\"{0}\" y1=\"{1}\" x2=\"{0}\" y2=\"{2}\" stroke=\"#888\"/>\n</svg>\n",
                  limit, kTop - 4, height - 12);
  return svg;
}

}  // namespace samovar::cli
