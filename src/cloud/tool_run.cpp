#include "cloud/tool_run.h"

#include <array>
#include <cerrno>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fmt/format.h>

extern char** environ;  // handed on to the child, not read

namespace samovar::cloud {
namespace {

constexpr size_t kMaxInput = 60 << 10;  // below what a pipe takes without a reader

// The reading end of a pipe that holds `input` and then ends; OWNS it.
Result<int> filled_pipe(const Secret& input) {
  if (input.reveal().size() > kMaxInput) return too_large("the input of a program is over 60 KiB");
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return errno_error(errno, "pipe");
  const std::string& text = input.reveal();
  const ssize_t n_bytes = write(ends[1], text.data(), text.size());
  close(ends[1]);
  if (n_bytes == static_cast<ssize_t>(text.size())) return ends[0];
  close(ends[0]);
  return internal_error("a pipe takes no input");
}

}  // namespace

Status tool_run(const std::vector<std::string>& arguments, const Secret& input, int output_fd) {
  SAMOVAR_ASSIGN(const int stdin_fd, filled_pipe(input));
  std::vector<std::string> words = arguments;
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, stdin_fd, STDIN_FILENO);
  if (output_fd >= 0) posix_spawn_file_actions_adddup2(&actions, output_fd, STDOUT_FILENO);
  pid_t pid = -1;
  const int error =
      posix_spawnp(&pid, words[0].c_str(), &actions, nullptr, pointers.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  close(stdin_fd);
  if (error != 0) return errno_error(error, words[0]);
  int state = 0;
  while (waitpid(pid, &state, 0) < 0 && errno == EINTR) {
  }
  if (WIFEXITED(state) && WEXITSTATUS(state) == 0) return {};
  return internal_error(fmt::format("{} {} failed with exit code {}", words[0],
                                    words.size() > 1 ? words[1] : "",
                                    WIFEXITED(state) ? WEXITSTATUS(state) : 128 + WTERMSIG(state)));
}

}  // namespace samovar::cloud
