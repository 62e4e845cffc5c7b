// samovar ps, samovar kill: the servers on this machine.
#include "cli/command.h"
#include "cli/local_llm.h"
#include "cli/output.h"
#include "cli/running_servers.h"
#include "json/json.h"
#include "store/options.h"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <string>
#include <vector>

#include <fmt/chrono.h>
#include <fmt/format.h>

namespace samovar::cli {
namespace {

// Servers of Google's local-llm, which keep no records.
void add_others(std::vector<ServerRecord>& servers) {
  for (const LocalLlmServer& other : local_llm_servers()) {
    const bool is_known = std::any_of(servers.begin(), servers.end(), [&](const ServerRecord& own) {
      return own.pid == other.pid;
    });
    if (is_known) continue;
    servers.push_back({.pid = other.pid,
                       .model = other.file.empty() ? other.path : other.file,
                       .url = other.url(),
                       .started_unix_s = other.started_unix_s});
  }
}

class Ps final : public Command {
 public:
  void declare(Flags& flags) override { flags.add("--json", &json_, "print a JSON array"); }

  Status run(const Environment& environment) override {
    SAMOVAR_ASSIGN(auto servers, running_servers(store_options(environment).state_dir));
    add_others(servers);
    if (json_) return print_json(servers);
    if (servers.empty())
      return write_stdout("no server is running; start one with `samovar serve MODEL`\n");
    std::vector<std::vector<std::string>> rows;
    for (const ServerRecord& server : servers) {
      rows.push_back({std::to_string(server.pid), server.model, server.url,
                      fmt::format("{:%Y-%m-%d %H:%M:%S}", fmt::localtime(static_cast<std::time_t>(
                                                              server.started_unix_s)))});
    }
    return write_stdout(table({{"PID"}, {"MODEL"}, {"URL"}, {"STARTED"}}, rows));
  }

 private:
  static Status print_json(const std::vector<ServerRecord>& servers) {
    json::Value rows = json::Value::array();
    for (const ServerRecord& server : servers) {
      rows.push_back({{"pid", server.pid},
                      {"model", server.model},
                      {"url", server.url},
                      {"started", server.started_unix_s}});
    }
    return write_stdout(json::dump(rows) + "\n");
  }

  bool json_ = false;
};

class Kill final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add_required("server", &server_, "a process id, or the model that a server answers for");
  }

  Status run(const Environment& environment) override {
    SAMOVAR_ASSIGN(auto servers, running_servers(store_options(environment).state_dir));
    add_others(servers);
    int n_ended = 0;
    for (const ServerRecord& server : servers) {
      if (server.model != server_ && std::to_string(server.pid) != server_) continue;
      if (::kill(static_cast<pid_t>(server.pid), SIGTERM) != 0) {
        return errno_error(errno, fmt::format("process {}", server.pid));
      }
      SAMOVAR_TRY(
          write_stdout(fmt::format("asked process {} ({}) to end\n", server.pid, server.model)));
      ++n_ended;
    }
    if (n_ended > 0) return {};
    return not_found(fmt::format(
        "no running server has the process id or model `{}`; see `samovar ps`", server_));
  }

 private:
  std::string server_;
};

}  // namespace

std::unique_ptr<Command> make_ps() {
  return std::make_unique<Ps>();
}
std::unique_ptr<Command> make_kill() {
  return std::make_unique<Kill>();
}

}  // namespace samovar::cli
