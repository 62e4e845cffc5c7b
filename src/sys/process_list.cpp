#include "sys/process_list.h"

#include "sys/proc_text.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <unistd.h>

namespace samovar::sys {
namespace {

// proc(5): field 22 of /proc/PID/stat, in clock ticks since boot. The second field is a name in
// parentheses that may hold anything.
int64_t started_unix_s(const std::filesystem::path& process, const std::string& proc) {
  constexpr size_t kStartAfterName = 19;
  const std::string stat = read_small(process / "stat");
  const std::string machine = read_small(proc + "/stat");
  const auto boot_unix_s = field_u64(machine, "btime");
  const auto fields = words(std::string_view(stat).substr(stat.rfind(')') + 1));
  if (fields.size() <= kStartAfterName || !boot_unix_s) return 0;
  const auto ticks = parse_u64(fields[kStartAfterName]);
  const auto ticks_per_s = static_cast<uint64_t>(sysconf(_SC_CLK_TCK));
  return ticks ? static_cast<int64_t>(*boot_unix_s + *ticks / ticks_per_s) : 0;
}

}  // namespace

std::string Process::argument_of(std::string_view flag) const {
  for (size_t i = 0; i < arguments.size(); ++i) {
    const std::string& word = arguments[i];
    if (word == flag) return i + 1 < arguments.size() ? arguments[i + 1] : std::string();
    if (word.starts_with(flag) && word[flag.size()] == '=') return word.substr(flag.size() + 1);
  }
  return {};
}

std::string Process::variable(const std::string& name) const {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

std::vector<Process> processes_with(std::string_view variable, const std::string& proc) {
  std::vector<Process> out;
  std::error_code error;
  for (std::filesystem::directory_iterator at(proc, error), end; !error && at != end;
       at.increment(error)) {
    const auto pid = parse_u64(at->path().filename().string());
    if (!pid) continue;
    const std::string environment = read_small(at->path() / "environ");
    const auto entries = split(environment, '\0');
    if (std::find(entries.begin(), entries.end(), variable) == entries.end()) continue;
    Process process{.pid = static_cast<int64_t>(*pid),
                    .started_unix_s = started_unix_s(at->path(), proc),
                    .arguments = {},
                    .environment = {}};
    for (const std::string_view entry : entries) {
      const size_t equals = std::min(entry.find('='), entry.size());
      process.environment.emplace(entry.substr(0, equals),
                                  entry.substr(std::min(equals + 1, entry.size())));
    }
    const std::string command = read_small(at->path() / "cmdline");
    for (const std::string_view word : split(command, '\0')) process.arguments.emplace_back(word);
    out.push_back(std::move(process));
  }
  std::sort(out.begin(), out.end(),
            [](const Process& a, const Process& b) { return a.pid < b.pid; });
  return out;
}

}  // namespace samovar::sys
