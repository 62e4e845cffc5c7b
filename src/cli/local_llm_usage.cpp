#include "cli/local_llm_usage.h"

#include "cli/parse.h"

#include <algorithm>
#include <cstdio>
#include <map>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace samovar::cli {
namespace {

constexpr int kUsage = 2;
constexpr std::string_view kOurName = "samovar local-llm";

// The words of the command that `arguments` begin with, as far as they are known.
std::vector<std::string> command_of(const std::vector<std::string>& arguments) {
  const std::string words = arguments.size() > 1 ? arguments[0] + " " + arguments[1] : "";
  for (const CommandEntry& entry : command_table()) {
    if (entry.name == words) return {arguments[0], arguments[1]};
  }
  return {arguments.front()};
}

}  // namespace

std::string in_the_name_of(const std::string& program, std::string help) {
  const size_t at = help.find(kOurName);
  if (at == std::string::npos) return help;
  return help.replace(at, kOurName.size(), program.substr(program.find_last_of('/') + 1));
}

int complain_about_usage(const std::string& program, const std::vector<std::string>& arguments,
                         const Status& problem) {
  std::vector<std::string> command = command_of(arguments);
  const std::string name = fmt::format("{}", fmt::join(command, " "));
  command.emplace_back("--help");
  const auto help = parse(command, Environment(std::map<std::string, std::string>{}));
  std::string usage = help.ok() ? help->help : "";
  usage = usage.substr(std::min(usage.find("Usage:"), usage.size()));
  usage = usage.substr(0, usage.find('\n'));
  const std::string text =
      in_the_name_of(program, usage) +
      in_the_name_of(program, fmt::format("\nTry 'samovar {} --help' for help.\n\n", name));
  std::fprintf(stderr, "%sError: %s\n", text.c_str(), std::string(problem.message()).c_str());
  return kUsage;
}

}  // namespace samovar::cli
