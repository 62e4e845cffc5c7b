#include "host/machine.h"

#include "store/child_process.h"
#include "sys/file.h"

#include <cerrno>
#include <chrono>
#include <fcntl.h>
#include <filesystem>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

#include <fmt/format.h>

namespace samovar::host {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMaxFileBytes = uint64_t{4} << 20;
constexpr std::chrono::milliseconds kPoll{5};

// OWNS a temporary file for what a command prints.
class OutputFile {
 public:
  static Result<OutputFile> make() {
    std::error_code error;
    std::string name = (fs::temp_directory_path(error) / "samovar-host-XXXXXX").string();
    const int fd = error ? -1 : mkstemp(name.data());
    if (fd < 0) return errno_error(errno, name);
    close(fd);
    return OutputFile(std::move(name));
  }
  OutputFile(OutputFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  OutputFile& operator=(OutputFile&&) = delete;
  ~OutputFile() {
    if (!path_.empty()) unlink(path_.c_str());
  }
  const std::string& path() const { return path_; }

 private:
  explicit OutputFile(std::string path) : path_(std::move(path)) {}
  std::string path_;
};

Result<std::string> run_child(const Arguments& arguments) {
  SAMOVAR_ASSIGN(const OutputFile output, OutputFile::make());
  SAMOVAR_ASSIGN(auto child, store::ChildProcess::start({arguments, {}, output.path()}));
  while (!child.ended()) std::this_thread::sleep_for(kPoll);
  SAMOVAR_ASSIGN(std::string text, sys::read_file(output.path(), kMaxFileBytes));
  if (child.exit_code() == 0) return text;
  return internal_error(fmt::format("`{}` failed with exit code {}: {}", command_line(arguments),
                                    child.exit_code(), text));
}

// `flags` besides those for writing: O_TRUNC.
Status write_in_place(const std::string& path, std::string_view text, int flags) {
  const int fd = open(path.c_str(), O_WRONLY | O_CLOEXEC | flags);
  if (fd < 0) return errno_error(errno, path);
  const ssize_t written = write(fd, text.data(), text.size());
  const int write_errno = errno;
  close(fd);
  if (written < 0) return errno_error(write_errno, fmt::format("writing to {}", path));
  if (static_cast<size_t>(written) == text.size()) return {};
  return resource_exhausted(
      fmt::format("{}: {} of {} bytes could be written", path, written, text.size()));
}

}  // namespace

Machine Machine::real() {
  return {"", run_child};
}

bool Machine::exists(const std::string& path) const {
  std::error_code error;
  return fs::exists(fs::symlink_status(root_ + path, error));
}

Result<std::optional<std::string>> Machine::read(const std::string& path) const {
  if (!exists(path)) return std::optional<std::string>();
  SAMOVAR_ASSIGN(std::string text, sys::read_file(root_ + path, kMaxFileBytes));
  return std::optional(std::move(text));
}

Status Machine::write(const std::string& path, std::string_view text) const {
  return exists(path) ? write_in_place(root_ + path, text, O_TRUNC) : replace(path, text);
}

Status Machine::replace(const std::string& path, std::string_view text) const {
  std::error_code error;
  fs::create_directories(fs::path(root_ + path).parent_path(), error);
  if (error) return errno_error(error.value(), path);
  return sys::write_file_atomic(root_ + path, text);
}

Status Machine::make_executable(const std::string& path) const {
  if (chmod((root_ + path).c_str(), 0755) != 0) return errno_error(errno, path);
  return {};
}

Status Machine::poke(const std::string& path, std::string_view text) const {
  return write_in_place(root_ + path, text, 0);
}

Status Machine::remove(const std::string& path) const {
  std::error_code error;
  fs::remove(root_ + path, error);
  if (error) return errno_error(error.value(), path);
  return {};
}

bool is_root() {
  return geteuid() == 0;
}

Result<std::string> own_path() {
  std::error_code error;
  const fs::path path = fs::read_symlink("/proc/self/exe", error);
  if (error) return errno_error(error.value(), "/proc/self/exe");
  return path.string();
}

std::string command_line(const Arguments& arguments) {
  constexpr std::string_view kPlain =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:=@%+,";
  std::string line;
  for (const std::string& argument : arguments) {
    if (!line.empty()) line += ' ';
    const bool plain = !argument.empty() && argument.find_first_not_of(kPlain) == std::string::npos;
    line += plain ? argument : "'" + argument + "'";
  }
  return line;
}

}  // namespace samovar::host
