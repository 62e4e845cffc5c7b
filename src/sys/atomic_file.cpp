// SPDX-License-Identifier: Apache-2.0
#include "base/check.h"
#include "base/checked.h"
#include "sys/file.h"

#include <cerrno>
#include <cstdio>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utility>

namespace samovar::sys {
namespace {

// Makes a rename in the folder of `path` survive a power cut.
Status sync_folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  const std::string folder = slash == path.npos ? "." : path.substr(0, slash + 1);
  const int fd = open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return errno_error(errno, folder);
  const bool synced = fsync(fd) == 0;
  const int error = errno;
  close(fd);
  // EINVAL: a file system that cannot sync folders.
  return synced || error == EINVAL ? Status() : errno_error(error, folder + ": fsync");
}

}  // namespace

Result<AtomicFile> AtomicFile::open(std::string partial_path, std::string final_path) {
  const int fd =
      ::open(partial_path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW, 0666);
  if (fd < 0) return errno_error(errno, partial_path);
  AtomicFile file;
  file.fd_ = fd;
  file.keep_partial_ = true;  // until it is known to be ours
  struct stat facts = {};
  if (fstat(fd, &facts) != 0) return errno_error(errno, partial_path);
  if (!S_ISREG(facts.st_mode)) return invalid_argument(partial_path + ": is not a regular file");
  file.size_bytes_ = static_cast<uint64_t>(facts.st_size);
  file.keep_partial_ = false;
  file.partial_path_ = std::move(partial_path);
  file.final_path_ = std::move(final_path);
  return file;
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      size_bytes_(other.size_bytes_),
      keep_partial_(other.keep_partial_),
      partial_path_(std::move(other.partial_path_)),
      final_path_(std::move(other.final_path_)) {}

AtomicFile::~AtomicFile() {
  if (fd_ < 0) return;
  close(fd_);
  if (!keep_partial_ || size_bytes_ == 0) unlink(partial_path_.c_str());
}

Status AtomicFile::append(std::span<const std::byte> bytes) {
  SAMOVAR_CHECK(fd_ >= 0);
  while (!bytes.empty()) {
    const ssize_t n = write(fd_, bytes.data(), bytes.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return errno_error(errno, partial_path_ + ": write");
    size_bytes_ += static_cast<uint64_t>(n);
    bytes = bytes.subspan(static_cast<size_t>(n));
  }
  return {};
}

Status AtomicFile::truncate(uint64_t size_bytes) {
  SAMOVAR_CHECK(fd_ >= 0);
  const auto length = checked_cast<off_t>(size_bytes);
  if (!length) return invalid_argument(partial_path_ + ": no file can be that long");
  if (ftruncate(fd_, *length) != 0) return errno_error(errno, partial_path_ + ": truncate");
  size_bytes_ = size_bytes;
  return {};
}

Status AtomicFile::commit() {
  SAMOVAR_CHECK(fd_ >= 0);
  if (fsync(fd_) != 0) return errno_error(errno, partial_path_ + ": fsync");
  if (std::rename(partial_path_.c_str(), final_path_.c_str()) != 0) {
    return errno_error(errno, partial_path_ + ": rename to " + final_path_);
  }
  close(std::exchange(fd_, -1));
  return sync_folder_of(final_path_);
}

}  // namespace samovar::sys
