// Log lines to stderr, as text or as JSON lines. stdout belongs to answers.
//
// log::info("loaded {} in {} ms", name, ms). Levels below the chosen one cost one atomic load.
// Never log keys, tokens or prompt text. Thread: any.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include <fmt/core.h>

namespace samovar::log {

enum class Level : uint8_t { kDebug, kInfo, kWarning, kError, kOff };
enum class Format : uint8_t { kText, kJson };

struct Options {
  Level level = Level::kWarning;
  Format format = Format::kText;
};

// Call once, before threads start; later calls replace the sink.
void configure(const Options& options);
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
