// local-llm ps, kill: the servers that it or Google's program has started.
#include "cli/command.h"
#include "cli/local_llm.h"
#include "cli/output.h"
#include "json/json.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

class LocalLlmPs final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add("-l,--long", &long_, "also process id and address");
    flags.add("--json", &json_, "a JSON array");
  }

  Status run(const Environment& environment) override {
    const std::vector<LocalLlmServer> servers = local_llm_servers();
    if (json_) return print_json(servers);
    if (servers.empty()) return say_line("No models currently running.");
    SAMOVAR_TRY(say_line(
        fmt::format("Models in {} currently running...", store_options(environment).cache_dir)));
    for (const LocalLlmServer& server : servers) {
      const std::string more = long_ ? fmt::format("\t{}\t{}", server.pid, server.url()) : "";
      SAMOVAR_TRY(say_line(fmt::format("\t{} {}{}", server.repo, server.file, more)));
    }
    return {};
  }

 private:
  static Status print_json(const std::vector<LocalLlmServer>& servers) {
    json::Value rows = json::Value::array();
    for (const LocalLlmServer& server : servers) {
      rows.push_back({{"pid", server.pid},
                      {"repo", server.repo},
                      {"file", server.file},
                      {"path", server.path},
                      {"url", server.url()}});
    }
    return write_stdout(json::dump(rows) + "\n");
  }

  bool long_ = false, json_ = false;
};

class LocalLlmKill final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add_required("REPO_ID", &model_.repo, "a repository of Hugging Face");
    flags.add("--filename", &model_.filename, "only the servers of this file");
    flags.add("--strict", &strict_, "the exit code is 1 if no such server runs");
  }

  Status run(const Environment& /*environment*/) override {
    const std::vector<LocalLlmServer> servers = matching();
    for (const LocalLlmServer& server : servers) {
      SAMOVAR_TRY(
          say_line(fmt::format("Killing {}:{} at {}", server.repo, server.file, server.pid)));
      SAMOVAR_TRY(send(SIGTERM, server.pid));
    }
    if (!servers.empty()) return wait_for_end(servers);
    return strict_ ? silent_failure() : Status();
  }

 private:
  static Status send(int signal, int64_t pid) {
    if (::kill(static_cast<pid_t>(pid), signal) == 0 || errno == ESRCH) return {};
    return errno_error(errno, fmt::format("process {}", pid));
  }

  std::vector<LocalLlmServer> matching() const {
    std::vector<LocalLlmServer> servers = local_llm_servers();
    std::erase_if(servers, [&](const LocalLlmServer& server) {
      return server.repo != model_.repo ||
             (!model_.filename.empty() && server.file != model_.filename);
    });
    return servers;
  }

  // Those that answer for longer than others may wait are ended without mercy.
  Status wait_for_end(const std::vector<LocalLlmServer>& servers) const {
    constexpr auto kPatience = std::chrono::seconds(10);
    constexpr auto kPollEvery = std::chrono::milliseconds(50);
    const auto deadline = std::chrono::steady_clock::now() + kPatience;
    const auto left = [&] {
      std::vector<LocalLlmServer> living = matching();
      std::erase_if(living, [&](const LocalLlmServer& server) {
        return std::none_of(servers.begin(), servers.end(),
                            [&](const LocalLlmServer& told) { return told.pid == server.pid; });
      });
      return living;
    };
    while (!left().empty() && std::chrono::steady_clock::now() < deadline) {
      std::this_thread::sleep_for(kPollEvery);
    }
    for (const LocalLlmServer& server : left()) SAMOVAR_TRY(send(SIGKILL, server.pid));
    return {};
  }

  LocalLlmModel model_;
  bool strict_ = false;
};

}  // namespace

std::unique_ptr<Command> make_local_llm_ps() {
  return std::make_unique<LocalLlmPs>();
}
std::unique_ptr<Command> make_local_llm_kill() {
  return std::make_unique<LocalLlmKill>();
}

}  // namespace samovar::cli
