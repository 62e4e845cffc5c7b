// local-llm run: a server for one model, in the background; in a container's process 1 and with
// --foreground this process becomes it.
#include "base/clock.h"
#include "base/log.h"
#include "cli/command.h"
#include "cli/detached_server.h"
#include "cli/local_llm.h"
#include "cli/output.h"
#include "host/machine.h"
#include "net/access.h"

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <ctime>
#include <unistd.h>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

constexpr std::string_view kRunning = "Uvicorn running on";
constexpr int64_t kLoadSeconds = 300;  // without an answer from a model that is here
constexpr size_t kLastLines = 20;
constexpr pid_t kInit = 1;

// Keeps SIGINT and SIGTERM for wait().
class HeldSignals {
 public:
  HeldSignals() {
    sigemptyset(&held_);
    sigaddset(&held_, SIGINT);
    sigaddset(&held_, SIGTERM);
    sigprocmask(SIG_BLOCK, &held_, &before_);
  }
  HeldSignals(const HeldSignals&) = delete;
  HeldSignals& operator=(const HeldSignals&) = delete;
  ~HeldSignals() { sigprocmask(SIG_SETMASK, &before_, nullptr); }

  // RETURNS whether one of them came within `ms`.
  bool wait(int64_t ms) const {
    const timespec time = {ms / 1000, (ms % 1000) * 1'000'000};
    return sigtimedwait(&held_, nullptr, &time) > 0;
  }

 private:
  sigset_t held_, before_;
};

class LocalLlmRun final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add_required("REPO_ID", &model_.repo, "a repository of Hugging Face");
    flags.add_required("PORT", &port_, "port to listen on");
    flags.add("--host", &host_, "address to listen on");
    flags.add("--filename", &model_.filename, "a file of it; its 4-bit medium one if none");
    flags.add("--log-config", &log_config_, "a logging configuration of Python (YAML)");
    flags.also_from("LOG_CONFIG");
    flags.add("--verbose", &verbose_, "show what the server says until it runs");
    flags.add("--no-verbose", &no_verbose_, "do not (it does not)");
    flags.add("--foreground", &foreground_, "be the server, as process 1 of a container is");
  }

  Status run(const Environment& environment) override {
    verbose_ = verbose_ && !no_verbose_;
    if (port_ < 1 || port_ > 65535) {
      return invalid_argument(fmt::format("PORT: expected 1 to 65535, found {}", port_));
    }
    SAMOVAR_ASSIGN(store::Store models, store::Store::open(store_options(environment)));
    models_.emplace(std::move(models));
    path_ = models_->resolve(model_.store_name()).value_or("");
    if (path_.empty() && model_.file().empty()) {
      SAMOVAR_TRY(say_line("Unable to determine filename to use for " + model_.repo + "."));
      return silent_failure();
    }
    if (foreground_ || getpid() == kInit) return become_server(environment);
    return start_server(environment);
  }

 private:
  std::vector<std::string> server_arguments(const Environment& environment) const {
    std::vector<std::string> arguments = {"serve",  "--as-local-llm",     "--pull", "--host", host_,
                                          "--port", std::to_string(port_)};
    const auto add = [&](const char* flag, const std::string& value) {
      if (!value.empty()) arguments.insert(arguments.end(), {flag, value});
    };
    // The variables that the server behind local-llm reads.
    add("--alias", environment.get("MODEL_ALIAS").value_or(model_.file()));
    add("--ctx-size", environment.get("N_CTX").value_or(""));
    add("--threads", environment.get("N_THREADS").value_or(""));
    add("--log-config", log_config_);
    arguments.push_back(path_.empty() ? model_.store_name() : path_);
    return arguments;
  }

  // What both programs know their servers by. A key is no word of the command line.
  std::vector<std::pair<std::string, std::string>> server_environment(
      const Environment& environment) const {
    std::vector<std::pair<std::string, std::string>> changes = {
        {"RUN_BY_LOCALLLM", "1"},
        {"MODEL", path_.empty() ? future_path(models_->cache(), model_) : path_}};
    const auto key = environment.get("API_KEY");
    if (key && !environment.get("LLAMA_API_KEY")) changes.emplace_back("LLAMA_API_KEY", *key);
    return changes;
  }

  Status become_server(const Environment& environment) const {
    for (const auto& [name, value] : server_environment(environment)) {
      setenv(name.c_str(), value.c_str(), 1);  // no other thread runs
    }
    SAMOVAR_ASSIGN(const std::string program, host::own_path());
    std::vector<std::string> arguments = server_arguments(environment);
    arguments.insert(arguments.begin(), program);
    std::vector<char*> words;
    for (std::string& word : arguments) words.push_back(word.data());
    words.push_back(nullptr);
    execv(program.c_str(), words.data());
    return errno_error(errno, program);
  }

  Status start_server(const Environment& environment) {
    if (path_.empty()) {
      SAMOVAR_TRY(say_line(fmt::format("Pulling {} from {}", model_.file(), model_.repo)));
      pulls_ = true;
    }
    const HeldSignals signals;
    SAMOVAR_ASSIGN(
        auto server,
        DetachedServer::start({.arguments = server_arguments(environment),
                               .environment = server_environment(environment),
                               .log_path = fmt::format("{}/logs/local-llm-{}.log",
                                                       models_->options().state_dir, port_)}));
    warn_of_open_host(environment);
    const Status started = follow(server, signals);
    if (!started.ok()) return started;
    SAMOVAR_TRY(server.release());
    return say_line(fmt::format("Running {} at {}:{}", path_, host_, port_));
  }

  // The server warns, too, but into its log.
  void warn_of_open_host(const Environment& environment) const {
    if (net::is_loopback_host(host_) || environment.get("API_KEY") ||
        environment.get("LLAMA_API_KEY")) {
      return;
    }
    tell("warning: no key is set (API_KEY): everybody who reaches {} may ask\n", host_);
  }

  // Until the server runs. It listens from the beginning, and pulls the model if it must.
  Status follow(DetachedServer& server, const HeldSignals& signals) {
    int64_t begin_us = system_clock().monotonic_us();
    for (;;) {
      if (signals.wait(100)) {
        server.stop();
        return cancelled("ended by a signal; the server is ended, too");
      }
      const bool ended = server.ended();
      const bool was_here = !path_.empty();
      SAMOVAR_TRY(look_for_model());
      if (!was_here) begin_us = system_clock().monotonic_us();
      SAMOVAR_ASSIGN(const bool runs, show_lines(server));
      if (runs) return {};
      const bool too_long = system_clock().monotonic_us() - begin_us > kLoadSeconds * 1'000'000;
      if (ended || too_long) return failure(server);
    }
  }

  Status look_for_model() {
    if (!path_.empty()) return {};
    path_ = models_->resolve(model_.store_name()).value_or("");
    return path_.empty() ? Status() : say_line("Pulled to " + path_);
  }

  // Copies what the server said. RETURNS whether it runs.
  Result<bool> show_lines(DetachedServer& server) {
    for (const std::string& line : server.new_lines()) {
      const bool runs = line.find(kRunning) != std::string::npos;
      if (runs) SAMOVAR_TRY(look_for_model());
      if (verbose_) {
        SAMOVAR_TRY(say_line(line));
      } else if (pulls_ && path_.empty()) {
        tell("{}\n", line);  // the pull's progress
      }
      if (runs) return true;
    }
    return false;
  }

  Status failure(DetachedServer& server) const {
    if (!verbose_) {
      for (const std::string& line : server.last_lines(kLastLines)) tell("{}\n", line);
    }
    server.stop();
    if (!path_.empty()) {
      SAMOVAR_TRY(say_line("Error starting LLM, run with --verbose for more"));
    }
    return silent_failure();
  }

  LocalLlmModel model_;
  int64_t port_ = 0;
  std::string host_ = "0.0.0.0", log_config_;
  bool verbose_ = false, no_verbose_ = false, foreground_ = false;
  std::optional<store::Store> models_;
  std::string path_;    // of the model; empty while it is not here
  bool pulls_ = false;  // it was not here
};

}  // namespace

std::unique_ptr<Command> make_local_llm_run() {
  return std::make_unique<LocalLlmRun>();
}

}  // namespace samovar::cli
