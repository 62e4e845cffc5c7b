#include "sys/init_process.h"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <sys/wait.h>
#include <unistd.h>

extern char** environ;

namespace samovar::sys {
namespace {

constexpr pid_t kInit = 1;

// Reaps all that have ended. Ends this process if `worker` is among them.
void reap(pid_t worker) {
  int state = 0;
  for (pid_t ended = 0; (ended = waitpid(-1, &state, WNOHANG)) > 0;) {
    if (ended == worker) _exit(WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state));
  }
}

// Who looks for processes by their environment shall find the worker alone.
void forget_environment() {
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    std::memset(*entry, 0, std::strlen(*entry));
  }
}

[[noreturn]] void be_init(pid_t worker, const sigset_t& all) {
  forget_environment();
  for (;;) {
    const int signal = sigwaitinfo(&all, nullptr);
    if (signal == SIGCHLD) {
      reap(worker);
    } else if (signal > 0) {
      kill(worker, signal);
    }
  }
}

}  // namespace

Status split_off_init() {
  if (getpid() != kInit) return {};
  sigset_t all, before;
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, &before);
  const pid_t worker = fork();
  if (worker < 0) return errno_error(errno, "fork");
  if (worker > 0) be_init(worker, all);
  sigprocmask(SIG_SETMASK, &before, nullptr);
  return {};
}

}  // namespace samovar::sys
