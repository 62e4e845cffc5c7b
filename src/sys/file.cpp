// SPDX-License-Identifier: Apache-2.0
#include "sys/file.h"

#include "base/checked.h"

#include <cerrno>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

namespace samovar::sys {
namespace {

Result<std::string> read_all(int fd, const std::string& path, uint64_t max_bytes) {
  std::string bytes;
  char chunk[16'384];
  while (true) {
    const ssize_t n = read(fd, chunk, sizeof chunk);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno_error(errno, path);
    if (n == 0) return bytes;
    const auto n_bytes = static_cast<size_t>(n);
    if (n_bytes > max_bytes - bytes.size()) {
      return too_large(path + ": larger than the limit of " + std::to_string(max_bytes) + " bytes");
    }
    bytes.append(chunk, n_bytes);
  }
}

std::string parent_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == path.npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

}  // namespace

Result<std::string> read_file(const std::string& path, uint64_t max_bytes) {
  if (path == "-") return read_all(STDIN_FILENO, "standard input", max_bytes);
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno_error(errno, path);
  Result<std::string> bytes = read_all(fd, path, max_bytes);
  close(fd);
  return bytes;
}

Status write_file_atomic(const std::string& path, std::string_view bytes) {
  // One name per thread, so that two writers of one path do not share a temporary file.
  const std::string partial =
      path + ".tmp-" + std::to_string(getpid()) + "-" + std::to_string(gettid());
  SAMOVAR_ASSIGN(AtomicFile file, AtomicFile::open(partial, path));
  SAMOVAR_TRY(file.truncate(0));  // what an earlier process with these ids may have left
  SAMOVAR_TRY(file.append(std::as_bytes(std::span(bytes))));
  return file.commit();
}

Result<uint64_t> free_disk_bytes(const std::string& path) {
  std::string place = path.empty() ? "." : path;
  struct statvfs facts = {};
  while (statvfs(place.c_str(), &facts) != 0) {
    if (errno != ENOENT || place == "/" || place == ".") return errno_error(errno, path);
    place = parent_of(place);
  }
  const auto bytes = checked_mul<uint64_t>(facts.f_bavail, facts.f_frsize);
  return bytes.value_or(UINT64_MAX);
}

}  // namespace samovar::sys
