#include "cli/detached_server.h"

#include "host/machine.h"
#include "sys/file.h"
#include "sys/proc_text.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <filesystem>
#include <system_error>
#include <thread>

namespace samovar::cli {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMaxLogBytes = uint64_t{16} << 20;
constexpr auto kPatience = std::chrono::seconds(10);
constexpr auto kPollEvery = std::chrono::milliseconds(50);

std::vector<std::string> lines_of(std::string_view text) {
  const auto lines = sys::split(text, '\n');
  return {lines.begin(), lines.end()};
}

}  // namespace

Result<DetachedServer> DetachedServer::start(const Command& command) {
  std::error_code error;
  fs::create_directories(fs::path(command.log_path).parent_path(), error);
  if (error) return errno_error(error.value(), command.log_path);
  const std::string log_path = command.log_path + ".new";
  fs::remove(log_path, error);  // another server may still write to the old one
  SAMOVAR_ASSIGN(std::string program, host::own_path());
  store::ChildProcess::Command child{.arguments = {std::move(program)},
                                     .environment = command.environment,
                                     .output_path = log_path,
                                     .own_session = true};
  child.arguments.insert(child.arguments.end(), command.arguments.begin(), command.arguments.end());
  SAMOVAR_ASSIGN(auto process, store::ChildProcess::start(child));
  return DetachedServer(std::move(process), log_path, command.log_path);
}

Status DetachedServer::release() {
  child_.release();
  std::error_code error;
  fs::rename(log_path_, final_log_path_, error);
  return error ? errno_error(error.value(), final_log_path_) : Status();
}

std::string DetachedServer::log() const {
  return sys::read_file(log_path_, kMaxLogBytes).value_or("");
}

std::vector<std::string> DetachedServer::new_lines() {
  const std::string text = log();
  const size_t end = text.rfind('\n') + 1;  // 0: no line yet
  if (end <= n_read_) return {};
  const auto lines = lines_of(std::string_view(text).substr(n_read_, end - n_read_));
  n_read_ = end;
  return lines;
}

std::vector<std::string> DetachedServer::last_lines(size_t n) const {
  std::vector<std::string> lines = lines_of(log());
  if (lines.size() > n) lines.erase(lines.begin(), lines.end() - static_cast<ptrdiff_t>(n));
  return lines;
}

void DetachedServer::stop() {
  if (child_.ended()) return;
  kill(child_.pid(), SIGTERM);
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (!child_.ended() && std::chrono::steady_clock::now() < deadline) {
    std::this_thread::sleep_for(kPollEvery);
  }  // what is left is ended with the child's object
}

}  // namespace samovar::cli
