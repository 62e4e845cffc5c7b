#include "cli/output.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

// `value` with three digits that matter, in the largest unit that keeps it at 1 or more.
template <size_t n>
std::string scaled(uint64_t value, const std::array<const char*, n>& units) {
  auto number = static_cast<double>(value);
  size_t unit = 0;
  while (number >= 999.5 && unit + 1 < n) {
    number /= 1000;
    ++unit;
  }
  const int decimals = unit == 0 || number >= 99.95 ? 0 : number >= 9.995 ? 1 : 2;
  return fmt::format("{:.{}f}{}", number, decimals, units[unit]);
}

}  // namespace

Status write_stdout(std::string_view text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0) {
    return {};
  }
  if (errno == EPIPE) return cancelled("standard output was closed");
  return errno_error(errno, "standard output");
}

void write_stderr(std::string_view text) {
  std::fwrite(text.data(), 1, text.size(), stderr);
  std::fflush(stderr);
}

std::string human_bytes(uint64_t bytes) {
  return scaled(bytes, std::array{" B", " kB", " MB", " GB", " TB"});
}

std::string human_count(uint64_t count) {
  return scaled(count, std::array{"", " k", " M", " B"});
}

std::string human_seconds(double seconds) {
  const auto whole = static_cast<int64_t>(seconds + 0.5);
  if (whole < 60) return fmt::format("{} s", whole);
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

std::string table(const std::vector<Column>& columns,
                  const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::string> lines(rows.size() + 1);
  for (size_t i = 0; i < columns.size(); ++i) {
    const auto cell = [&](size_t line) -> const std::string& {
      return line == 0 ? columns[i].title : rows[line - 1][i];
    };
    size_t width = 0;
    for (size_t line = 0; line < lines.size(); ++line) width = std::max(width, cell(line).size());
    const bool right = columns[i].align == Column::Align::kRight;
    const bool last = i + 1 == columns.size();
    for (size_t line = 0; line < lines.size(); ++line) {
      const std::string blanks(width - cell(line).size(), ' ');
      lines[line] += right ? blanks + cell(line) : cell(line) + (last ? "" : blanks);
      lines[line] += last ? "\n" : "  ";
    }
  }
  return fmt::format("{}", fmt::join(lines, ""));
}

}  // namespace samovar::cli
