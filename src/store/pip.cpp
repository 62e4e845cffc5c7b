#include "store/pip.h"

#include "store/child_process.h"
#include "sys/file.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <system_error>
#include <thread>

#include <fmt/format.h>

namespace samovar::store {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMaxLogBytes = uint64_t{1} << 20;
constexpr uint64_t kFullBytes = uint64_t{1} << 20;  // a disk with less free
constexpr auto kPollEvery = std::chrono::milliseconds(100);

// Runs pip so that the kernel ends it when we end (prctl 1 is PR_SET_PDEATHSIG), even by kill -9.
constexpr const char* kRunPip =
    "import ctypes, runpy\n"
    "ctypes.CDLL(None).prctl(1, 15)\n"
    "runpy.run_module('pip', run_name='__main__', alter_sys=True)\n";

// The size of the largest file below `folder`: the wheel as it grows. (pip copies it at the end, so
// the sum would count it twice.)
uint64_t largest_below(const fs::path& folder) {
  uint64_t largest_bytes = 0;
  std::error_code error;
  fs::recursive_directory_iterator it(folder, error), end;
  for (; !error && it != end; it.increment(error)) {
    std::error_code gone;  // files come and go while pip works
    const uint64_t size_bytes = it->is_regular_file(gone) ? it->file_size(gone) : 0;
    if (!gone) largest_bytes = std::max(largest_bytes, size_bytes);
  }
  return largest_bytes;
}

// The line of pip's last error; of a Python exception, and where there is no error, the last line.
std::string last_words(const std::string& log_path) {
  const auto log = sys::read_file(log_path, kMaxLogBytes);
  if (!log.ok()) return "no output";
  std::string_view text = *log;
  text = text.substr(0, text.find_last_not_of(" \r\n") + 1);
  const size_t error = text.rfind("ERROR:");
  const bool exception = text.find("\nTraceback ") != std::string_view::npos;
  if (error != std::string_view::npos && !exception) {
    text = text.substr(error, text.find('\n', error) - error);
  } else {
    text = text.substr(text.rfind('\n') + 1);
  }
  return text.empty() ? "no output" : std::string(text.substr(0, 500));
}

// Why `pip download` failed; a full disk by its name, since no other source helps against it.
Status download_error(const std::string& requirement, int code, const std::string& words,
                      const std::string& work_dir) {
  const std::string message =
      fmt::format("pip download {} ended with {}: {}", requirement, code, words);
  const auto free_bytes = sys::free_disk_bytes(work_dir);
  const bool full = words.find("No space left on device") != std::string::npos ||
                    (free_bytes.ok() && *free_bytes < kFullBytes);
  if (!full) return busy(message);
  return resource_exhausted(
      fmt::format("{}; free some space on the disk of {}, or set XDG_STATE_HOME to a folder on "
                  "another disk",
                  message, work_dir));
}

// Runs a command to its end. RETURNS its exit code.
Result<int> run(const ChildProcess::Command& command, const std::function<Status()>& meanwhile) {
  SAMOVAR_ASSIGN(auto child, ChildProcess::start(command));
  while (!child.ended()) {
    std::this_thread::sleep_for(kPollEvery);
    SAMOVAR_TRY(meanwhile());
  }
  return child.exit_code();
}

bool has_pip(const std::string& python, Meter& meter) {
  const auto code =
      run({{python, "-m", "pip", "--version"}, {}, "/dev/null"}, [&] { return meter.tick(); });
  return code.ok() && *code == 0;
}

Status make_folder(const fs::path& folder) {
  std::error_code error;
  fs::create_directories(folder, error);
  return error ? errno_error(error.value(), folder.string()) : Status();
}

// The single wheel in `folder`.
Result<fs::path> only_wheel(const fs::path& folder) {
  std::error_code error;
  fs::path wheel;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    if (it->path().extension() == ".whl") wheel = it->path();
  }
  if (wheel.empty()) return not_found(folder.string() + ": pip left no wheel");
  return wheel;
}

}  // namespace

Result<Pip> Pip::find(const std::string& state_dir, Meter& meter) {
  if (has_pip("python3", meter)) return Pip("python3");
  const std::string venv = state_dir + "/pip";
  const std::string python = venv + "/bin/python3";
  if (has_pip(python, meter)) return Pip(python);
  SAMOVAR_TRY(make_folder(state_dir));
  const std::string log_path = state_dir + "/pip-venv.log";
  SAMOVAR_TRY(meter.begin(Phase::kLookup, "making a Python environment with pip"));
  const auto code =
      run({{"python3", "-m", "venv", "--clear", venv}, {}, log_path}, [&] { return meter.tick(); });
  if (code.ok() && *code == 0 && has_pip(python, meter)) return Pip(python);
  if (!code.ok() && code.status().code() == Code::kCancelled) return code.status();
  return not_found(
      "this source needs Python 3 with pip or venv: install python3 and python3-venv (Debian: apt "
      "install python3-venv)");
}

Status Pip::download(const std::string& requirement, const std::string& wheel_path,
                     const std::string& work_dir,
                     const std::function<Status(uint64_t bytes)>& on_bytes) const {
  std::error_code error;
  fs::remove_all(work_dir, error);
  const Status status = fetch_wheel(requirement, wheel_path, work_dir, on_bytes);
  fs::remove_all(work_dir, error);  // pip can't take up what it left
  return status;
}

Status Pip::fetch_wheel(const std::string& requirement, const std::string& wheel_path,
                        const std::string& work_dir,
                        const std::function<Status(uint64_t bytes)>& on_bytes) const {
  const fs::path work = work_dir;
  for (const char* folder : {"tmp", "wheel"}) SAMOVAR_TRY(make_folder(work / folder));

  ChildProcess::Command command;
  command.arguments = {python_,
                       "-c",
                       kRunPip,
                       "download",
                       "--no-deps",
                       "--only-binary=:all:",
                       "--no-cache-dir",
                       "--no-input",
                       "--disable-pip-version-check",
                       "--progress-bar=off",
                       "--dest",
                       (work / "wheel").string(),
                       requirement};
  command.environment = {{"TMPDIR", (work / "tmp").string()}};
  command.output_path = (work / "log").string();
  const auto code = run(command, [&] { return on_bytes(largest_below(work)); });
  if (!code.ok()) return code.status();
  if (*code != 0) {
    return download_error(requirement, *code, last_words(command.output_path), work_dir);
  }
  SAMOVAR_ASSIGN(const fs::path wheel, only_wheel(work / "wheel"));
  std::error_code error;
  fs::rename(wheel, wheel_path, error);
  return error ? errno_error(error.value(), wheel_path) : Status();
}

}  // namespace samovar::store
