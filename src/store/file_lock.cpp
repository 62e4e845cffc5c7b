#include "store/file_lock.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <utility>

// flock() of the system's <sys/file.h>, a name that our own sys/file.h covers.
extern "C" int system_flock(int fd, int operation) noexcept __asm__("flock");

namespace samovar::store {
namespace {
constexpr int kExclusiveNow = 2 | 4;  // LOCK_EX | LOCK_NB
}

Result<std::optional<FileLock>> FileLock::try_acquire(const std::string& path) {
  const int fd = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (fd < 0) return errno_error(errno, path);
  FileLock lock(fd);
  if (system_flock(fd, kExclusiveNow) == 0) return std::optional<FileLock>(std::move(lock));
  if (errno == EWOULDBLOCK) return std::optional<FileLock>();
  return errno_error(errno, path + ": flock");
}

FileLock::FileLock(FileLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
FileLock::~FileLock() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace samovar::store
