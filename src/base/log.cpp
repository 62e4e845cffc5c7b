#include "base/log.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <memory>

#include <fmt/format.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/ansicolor_sink.h>
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

spdlog::logger& logger() {
  static spdlog::logger instance("samovar",
                                 std::make_shared<spdlog::sinks::ansicolor_stderr_sink_mt>());
  return instance;
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

void configure(const Options& options) {
  g_level = options.level;
  auto formatter = std::make_unique<spdlog::pattern_formatter>(
      options.format == Format::kJson ? spdlog::pattern_time_type::utc
                                      : spdlog::pattern_time_type::local);
  formatter->add_flag<JsonMessage>('*').set_pattern(options.format == Format::kJson ? kJsonPattern
                                                                                    : kTextPattern);
  logger().set_formatter(std::move(formatter));
  logger().set_level(spdlog::level::trace);
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
