#include "cli/parse.h"

#include "cli/log_config.h"
#include "cli/peer_flags.h"
#include "cli/suggest.h"
#include "sys/file.h"

#include <algorithm>
#include <map>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <fmt/format.h>
#include <fmt/ranges.h>

namespace samovar::cli {
namespace {

std::string group_summary(std::string_view name) {
  static const std::map<std::string_view, std::string> kSummaries = {
      {"host", "change this machine, and back"},
      {"debug", "look at one part at work"},
      {"local-llm", "the commands of Google's local-llm, as under that name"},
      {"datasphere", "a model in Yandex DataSphere"},
      {"cluster", "a small Kubernetes around a model, and away with it"},
      {"registry", "the registry of images"},
      {"node", "nodes: machines that answer"},
      {"alias", "aliases: names in front of nodes"}};
  return kSummaries.at(name);
}

struct GlobalFlags {
  std::string log_level = "warning";
  std::string log_file, log_config;
  bool log_json = false;

  void declare(Flags& flags) {
    flags.add("--log-level", &log_level, "debug, info, warning, error or off");
    flags.add("--log-file", &log_file, "a file that gets the log instead of stderr");
    flags.add("--log-config", &log_config, "a logging configuration of Python (YAML)");
    flags.add("--log-json", &log_json, "log lines as JSON");
  }
  // Sets log and log_note.
  Status read_log_options(Parsed& parsed) const;
};

Status GlobalFlags::read_log_options(Parsed& parsed) const {
  static const std::map<std::string, log::Level> kLevels = {{"debug", log::Level::kDebug},
                                                            {"info", log::Level::kInfo},
                                                            {"warning", log::Level::kWarning},
                                                            {"error", log::Level::kError},
                                                            {"off", log::Level::kOff}};
  const auto level = kLevels.find(log_level);
  if (level == kLevels.end()) {
    return invalid_argument(
        fmt::format("--log-level {}: debug, info, warning, error or off is expected", log_level));
  }
  parsed.log = {.level = level->second,
                .format = log_json ? log::Format::kJson : log::Format::kText,
                .file = log_file,
                .to_stderr = log_file.empty()};
  if (log_config.empty()) return {};
  SAMOVAR_ASSIGN(const std::string text, sys::read_file(log_config, uint64_t{1} << 20));
  SAMOVAR_ASSIGN(const auto ignored, apply_log_config(text, log_config, parsed.log));
  if (!ignored.empty()) {
    parsed.log_note =
        fmt::format("{}: means nothing here: {}", log_config, fmt::join(ignored, ", "));
  }
  return {};
}

// What the library knows of one subcommand, with our side of it.
struct Node {
  CLI::App* app = nullptr;
  std::unique_ptr<Command> command;
  Flags flags;
  std::map<std::string, CLI::Option*> options;  // by Flag::names
};

// Our words for a value that is no number; empty if `word` is one.
template <class T>
std::string number_problem(const std::string& word) {
  T number;
  if (CLI::detail::lexical_cast(word, number)) return "";
  return fmt::format("expected a {}number, found `{}`", std::is_integral_v<T> ? "whole " : "",
                     word);
}

CLI::Option* add_option(CLI::App& app, const Flag& flag) {
  return std::visit(
      [&]<class T>(T* target) -> CLI::Option* {
        if constexpr (std::is_same_v<T, bool>) {
          return app.add_flag(flag.names, *target, flag.help);
        } else if constexpr (std::is_same_v<decltype(target), std::vector<std::string>*>) {
          // Arguments without a dash: all there are; commas can be parts of paths.
          CLI::Option* const option = app.add_option(flag.names, *target, flag.help);
          if (flag.is_positional()) return option;
          // --depth 0 --depth 4096 or --depth 0,4096; what follows is not swallowed.
          return option->allow_extra_args(false)->delimiter(',');
        } else {
          CLI::Option* const option = app.add_option(flag.names, *target, flag.help);
          if constexpr (std::is_arithmetic_v<T>) option->check(number_problem<T>);
          if constexpr (!std::is_same_v<T, std::vector<std::string>>) {
            if (!flag.is_positional()) option->capture_default_str();
          }
          return option;
        }
      },
      flag.target);
}

// The values of the environment for flags that were not given.
Status apply_environment(const Node& node, const Environment& environment) {
  for (const Flag& flag : node.flags.all()) {
    CLI::Option* const option = node.options.at(flag.names);
    if (option->count() > 0) continue;
    std::vector<std::string> variables = {flag.environment()};
    variables.insert(variables.end(), flag.peer_environment.begin(), flag.peer_environment.end());
    for (const std::string& variable : variables) {
      const auto value = environment.get(variable);
      if (!value) continue;
      try {
        option->add_result(*value);
        option->run_callback();
      } catch (const CLI::Error&) {
        return invalid_argument(
            fmt::format("{}={}: no value for {}", variable, *value, flag.long_name()));
      }
      break;
    }
  }
  return {};
}

class Parser {
 public:
  explicit Parser(const Environment& environment) : environment_(environment) { build(); }
  Result<Parsed> parse(std::vector<std::string> arguments);

 private:
  void build();
  void attach(Node& node);
  CLI::App* group(CLI::App& parent, std::string_view name);
  Node* chosen();
  std::string chosen_help();
  Status check(const Node& node) const;
  Status unknown(const Node* node, const std::string& word) const;
  Result<Parsed> finish(Node* node);

  const Environment& environment_;
  CLI::App app_{"One program that serves language models on a small machine.", "samovar"};
  GlobalFlags global_;
  Node root_;
  std::vector<std::unique_ptr<Node>> nodes_;
};

void Parser::attach(Node& node) {
  for (const Flag& flag : node.flags.all()) {
    node.options[flag.names] = add_option(*node.app, flag);
  }
  node.app->allow_extras();
}

// The group of that name in `parent`, made when new.
CLI::App* Parser::group(CLI::App& parent, std::string_view name) {
  for (CLI::App* app : parent.get_subcommands({})) {
    if (app->get_name() == name) return app;
  }
  CLI::App* const app = parent.add_subcommand(std::string(name), group_summary(name));
  app->allow_extras()->fallthrough();
  return app;
}

void Parser::build() {
  app_.get_formatter()->column_width(34);
  root_.app = &app_;
  global_.declare(root_.flags);
  attach(root_);
  for (const CommandEntry& entry : command_table()) {
    CLI::App* parent = &app_;
    std::string_view name = entry.name;
    for (size_t space; (space = name.find(' ')) != std::string_view::npos;) {
      parent = group(*parent, name.substr(0, space));
      name.remove_prefix(space + 1);
    }
    auto node = std::make_unique<Node>();
    node->app = parent->add_subcommand(std::string(name), std::string(entry.summary));
    node->app->fallthrough();
    node->command = entry.make();
    node->command->declare(node->flags);
    attach(*node);
    nodes_.push_back(std::move(node));
  }
}

Node* Parser::chosen() {
  for (const auto& node : nodes_) {
    if (node->app->parsed()) return node.get();
  }
  return nullptr;
}

std::string Parser::chosen_help() {
  // Only for the help: check() says better what is missing.
  for (const auto& node : nodes_) {
    for (const Flag& flag : node->flags.all())
      node->options.at(flag.names)->required(flag.required);
  }
  const CLI::App* app = &app_;
  std::string parents;
  while (!app->get_subcommands().empty()) {
    parents += (parents.empty() ? "" : " ") + app->get_name();
    app = app->get_subcommands().front();
  }
  return app->help(parents);
}

Status Parser::unknown(const Node* node, const std::string& word) const {
  std::vector<std::string> known;
  const bool is_flag = word.starts_with('-');
  if (is_flag) {
    for (const Flag& flag : root_.flags.all()) known.push_back(flag.long_name());
    known.push_back("--help");
    for (const Flag& flag : node != nullptr ? node->flags.all() : std::vector<Flag>{}) {
      if (!flag.is_positional()) known.push_back(flag.long_name());
    }
  } else {
    for (const CommandEntry& entry : command_table()) known.emplace_back(entry.name);
  }
  const std::string bare = word.substr(0, word.find('='));
  const std::string near = nearest(bare, known);
  const char* const kind = is_flag ? "flag" : node != nullptr ? "argument" : "command";
  return invalid_argument(fmt::format("unknown {} \"{}\"{}", kind, bare,
                                      near.empty() || (node != nullptr && !is_flag)
                                          ? "; --help lists what there is"
                                          : fmt::format("; did you mean {}?", near)));
}

Status Parser::check(const Node& node) const {
  for (const Flag& flag : node.flags.all()) {
    if (flag.required && node.options.at(flag.names)->empty()) {
      return invalid_argument(fmt::format(
          "{} is missing: {} ({})", flag.is_positional() ? "an argument" : flag.long_name(),
          flag.is_positional() ? flag.names : "a value is expected", flag.help));
    }
  }
  return {};
}

Result<Parsed> Parser::finish(Node* node) {
  const std::vector<std::string> extras = app_.remaining(true);
  if (!extras.empty()) return unknown(node, extras[0]);
  SAMOVAR_TRY(apply_environment(root_, environment_));
  Parsed parsed;
  SAMOVAR_TRY(global_.read_log_options(parsed));
  if (node == nullptr) {
    parsed.help = chosen_help();
    return parsed;
  }
  SAMOVAR_TRY(apply_environment(*node, environment_));
  SAMOVAR_TRY(check(*node));
  for (const Flag& flag : node->flags.all()) {
    if (flag.given != nullptr) *flag.given = node->options.at(flag.names)->count() > 0;
  }
  parsed.command = std::move(node->command);
  return parsed;
}

// The library reports by exception; none leaves this function.
Result<Parsed> Parser::parse(std::vector<std::string> arguments) {
  rewrite_peer_flags(arguments);
  std::reverse(arguments.begin(), arguments.end());  // as the library wants them
  try {
    app_.parse(std::move(arguments));
  } catch (const CLI::CallForHelp&) {
    return Parsed{nullptr, chosen_help(), {}};
  } catch (const CLI::Error& problem) {
    return invalid_argument(problem.what());
  }
  return finish(chosen());
}

}  // namespace

Result<Parsed> parse(const std::vector<std::string>& arguments, const Environment& environment) {
  return Parser(environment).parse(arguments);
}

}  // namespace samovar::cli
