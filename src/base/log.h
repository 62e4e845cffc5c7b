// Log lines to stderr or a file, as text or as JSON lines. stdout belongs to answers.
//
// log::info("loaded {} in {} ms", name, ms). Levels below the chosen one cost one atomic load.
// Never log keys, tokens or prompt text. Thread: any.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <cstdint>
#include <string>

#include <fmt/core.h>

namespace samovar::log {

enum class Level : uint8_t { kDebug, kInfo, kWarning, kError, kOff };
enum class Format : uint8_t { kText, kJson };

struct Options {
  Level level = Level::kWarning;
  Format format = Format::kText;
  std::string file = {};        // empty: none
  bool to_stderr = true;        // beside the file, too
  uint64_t max_file_bytes = 0;  // then the file becomes FILE.1, that FILE.2, ...; 0: never
  uint64_t n_backups = 0;       // files that are kept so
  // Of text lines, as Python's `logging` has it: "%(asctime)s %(levelname)s %(message)s"; empty:
  // our own.
  std::string python_format = {};
};

// Call once, before threads start; later calls replace the sinks. Fails when the file can't be
// written.
Status configure(const Options& options);
bool enabled(Level level);
// Never throws; a message longer than 4 KiB is cut.
void write(Level level, fmt::string_view format, fmt::format_args args);

template <class... Args>
void at(Level level, fmt::format_string<Args...> format, Args&&... args) {
  if (enabled(level)) write(level, format, fmt::make_format_args(args...));
}
template <class... Args>
void debug(fmt::format_string<Args...> format, Args&&... args) {
  at(Level::kDebug, format, std::forward<Args>(args)...);
}
template <class... Args>
void info(fmt::format_string<Args...> format, Args&&... args) {
  at(Level::kInfo, format, std::forward<Args>(args)...);
}
template <class... Args>
void warning(fmt::format_string<Args...> format, Args&&... args) {
  at(Level::kWarning, format, std::forward<Args>(args)...);
}
template <class... Args>
void error(fmt::format_string<Args...> format, Args&&... args) {
  at(Level::kError, format, std::forward<Args>(args)...);
}

}  // namespace samovar::log
