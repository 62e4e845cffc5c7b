#include "cli/log_config.h"

#include "sys/proc_text.h"

#include <algorithm>
#include <array>
#include <exception>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

namespace samovar::cli {
namespace {

const std::map<std::string, log::Level>& levels() {
  static const std::map<std::string, log::Level> kLevels = {
      {"DEBUG", log::Level::kDebug},     {"INFO", log::Level::kInfo},
      {"WARNING", log::Level::kWarning}, {"WARN", log::Level::kWarning},
      {"ERROR", log::Level::kError},     {"CRITICAL", log::Level::kError}};
  return kLevels;
}

std::string text_of(const YAML::Node& node, const char* field) {
  if (!node.IsDefined() || !node.IsMap()) return {};
  const YAML::Node value = node[field];
  return value.IsDefined() && value.IsScalar() ? value.Scalar() : std::string();
}

uint64_t number_of(const YAML::Node& node, const char* field) {
  return sys::parse_u64(text_of(node, field)).value_or(0);
}

// The least severe level of root and loggers: what any of them would let through.
Status read_level(const YAML::Node& config, const std::string& origin, log::Options& options) {
  std::vector<std::string> names = {text_of(config["root"], "level")};
  for (const auto& logger : config["loggers"]) names.push_back(text_of(logger.second, "level"));
  bool any = false;
  for (const std::string& name : names) {
    if (name.empty() || name == "NOTSET") continue;
    const auto level = levels().find(name);
    if (level == levels().end()) {
      return corrupt(
          fmt::format("{}: level: DEBUG, INFO, WARNING, ERROR or CRITICAL is expected, "
                      "found `{}`",
                      origin, name));
    }
    options.level = any ? std::min(options.level, level->second) : level->second;
    any = true;
  }
  return {};
}

std::vector<std::string> unknown_parts(const YAML::Node& config) {
  constexpr std::array<std::string_view, 7> kKnown = {
      "version",    "formatters", "handlers", "loggers", "root", "disable_existing_loggers",
      "incremental"};
  std::vector<std::string> names;
  for (const auto& part : config) {
    const std::string& name = part.first.Scalar();
    if (std::find(kKnown.begin(), kKnown.end(), name) == kKnown.end()) names.push_back(name);
  }
  return names;
}

// Adds the names of handlers of other kinds, and of files beyond the first, to `ignored`.
void read_handlers(const YAML::Node& config, log::Options& options,
                   std::vector<std::string>& ignored) {
  bool has_stream = false, has_file = false;
  for (const auto& named : config["handlers"]) {
    const YAML::Node& handler = named.second;
    const std::string file = text_of(handler, "filename");
    const bool is_stream = text_of(handler, "class").ends_with("StreamHandler");
    has_stream = has_stream || is_stream;
    if (is_stream && file.empty()) continue;
    if (file.empty() || std::exchange(has_file, true)) {
      ignored.push_back("handlers." + named.first.Scalar());
      continue;
    }
    if (!options.file.empty()) continue;
    options.file = file;
    options.max_file_bytes = number_of(handler, "maxBytes");
    options.n_backups = number_of(handler, "backupCount");
    const std::string formatter = text_of(handler, "formatter");
    const YAML::Node formatters = config["formatters"];
    if (formatters.IsDefined() && formatters.IsMap() && !formatter.empty()) {
      options.python_format = text_of(formatters[formatter], "format");
    }
  }
  options.to_stderr = has_stream || options.file.empty();
}

}  // namespace

Result<std::vector<std::string>> apply_log_config(const std::string& yaml,
                                                  const std::string& origin,
                                                  log::Options& options) {
  try {
    const YAML::Node config = YAML::Load(yaml);
    if (!config.IsMap()) return corrupt(origin + ": a mapping is expected");
    SAMOVAR_TRY(read_level(config, origin, options));
    std::vector<std::string> ignored = unknown_parts(config);
    read_handlers(config, options, ignored);
    return ignored;
  } catch (const std::exception& problem) {
    return corrupt(fmt::format("{}: no logging configuration: {}", origin, problem.what()));
  }
}

}  // namespace samovar::cli
