#include "base/log.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <exception>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/spdlog.h>

namespace samovar::log {
namespace {

std::atomic<Level> g_level{Level::kWarning};

constexpr size_t kMaxMessageBytes = 4096;

constexpr const char* kTextPattern = "%Y-%m-%d %H:%M:%S.%e %^%l%$ %v";
constexpr const char* kJsonPattern =
    R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l","message":"%*"})";

// %*: the message as the inside of a JSON string.
class JsonMessage final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    for (const char c : message.payload) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') {
        out.push_back('\\');
        out.push_back(c);
      } else if (byte < 0x20) {
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", byte);
      } else {
        out.push_back(c);
      }
    }
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<JsonMessage>();
  }
};

// %*: the level's name as Python's `logging` writes it.
class PythonLevel final : public spdlog::custom_flag_formatter {
 public:
  void format(const spdlog::details::log_msg& message, const std::tm&,
              spdlog::memory_buf_t& out) override {
    std::string name(spdlog::level::to_string_view(message.level).data());
    for (char& c : name) c = static_cast<char>(c - 'a' + 'A');
    fmt::format_to(std::back_inserter(out), "{}", name);
  }
  std::unique_ptr<custom_flag_formatter> clone() const override {
    return std::make_unique<PythonLevel>();
  }
};

// "%(asctime)s - %(message)s" in spdlog's words; fields it does not know become nothing.
std::string pattern_of(std::string_view python_format) {
  static const std::map<std::string_view, std::string_view> kFields = {
      {"asctime", "%Y-%m-%d %H:%M:%S,%e"},
      {"name", "%n"},
      {"levelname", "%*"},
      {"levelprefix", "%*:"},
      {"message", "%v"},
      {"process", "%P"},
      {"thread", "%t"}};
  std::string out;
  while (!python_format.empty()) {
    const size_t name_end = python_format.find(')');
    const size_t end = python_format.find_first_not_of("-0123456789.", name_end + 1);
    if (python_format.starts_with("%(") && name_end != std::string_view::npos) {
      const auto field = kFields.find(python_format.substr(2, name_end - 2));
      if (field != kFields.end()) out += field->second;
      python_format.remove_prefix(std::min(end, python_format.size() - 1) + 1);
      continue;
    }
    out += python_format.front() == '%' ? "%%" : std::string(1, python_format.front());
    python_format.remove_prefix(1);
  }
  return out;
}

spdlog::logger& logger() {
  static spdlog::logger instance("samovar",
                                 std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>());
  return instance;
}

// Throws what the library throws when the file can't be written.
std::vector<spdlog::sink_ptr> sinks_of(const Options& options) {
  std::vector<spdlog::sink_ptr> sinks;
  if (options.to_stderr || options.file.empty()) {
    sinks.push_back(std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>());
  }
  if (options.file.empty()) return sinks;
  if (options.max_file_bytes > 0 && options.n_backups > 0) {
    sinks.push_back(std::make_shared<spdlog::sinks::rotating_file_sink_mt>(
        options.file, options.max_file_bytes, options.n_backups));
  } else {
    sinks.push_back(std::make_shared<spdlog::sinks::basic_file_sink_mt>(options.file));
  }
  return sinks;
}

// The form of the lines.
std::unique_ptr<spdlog::formatter> formatter_of(const Options& options) {
  const bool json = options.format == Format::kJson;
  auto formatter = std::make_unique<spdlog::pattern_formatter>(
      json ? spdlog::pattern_time_type::utc : spdlog::pattern_time_type::local);
  if (json) {
    formatter->add_flag<JsonMessage>('*').set_pattern(kJsonPattern);
  } else if (options.python_format.empty()) {
    formatter->set_pattern(kTextPattern);
  } else {
    formatter->add_flag<PythonLevel>('*').set_pattern(pattern_of(options.python_format));
  }
  return formatter;
}

spdlog::level::level_enum spdlog_level(Level level) {
  switch (level) {
    case Level::kDebug:
      return spdlog::level::debug;
    case Level::kInfo:
      return spdlog::level::info;
    case Level::kWarning:
      return spdlog::level::warn;
    case Level::kError:
      return spdlog::level::err;
    case Level::kOff:
      break;
  }
  return spdlog::level::off;
}

}  // namespace

Status configure(const Options& options) {
  try {
    logger().sinks() = sinks_of(options);
  } catch (const std::exception& problem) {
    return invalid_argument(options.file + ": no log can be written: " + problem.what());
  }
  g_level = options.level;
  logger().set_formatter(formatter_of(options));
  logger().set_level(spdlog::level::trace);
  if (!options.file.empty()) logger().flush_on(spdlog::level::trace);
  return {};
}

bool enabled(Level level) {
  return level >= g_level.load(std::memory_order_relaxed);
}

void write(Level level, fmt::string_view format, fmt::format_args args) {
  std::array<char, kMaxMessageBytes> text;  // no allocation: memory may be what is missing
  const auto end = fmt::vformat_to_n(text.data(), text.size(), format, args);
  logger().log(spdlog_level(level),
               spdlog::string_view_t(text.data(), std::min(end.size, text.size())));
}

}  // namespace samovar::log
