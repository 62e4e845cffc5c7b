// SPDX-License-Identifier: Apache-2.0
#include "sys/disk_speed.h"

#include "base/clock.h"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <memory>
#include <unistd.h>

namespace samovar::sys {
namespace {

constexpr size_t kPieceBytes = size_t{4} << 20;
constexpr size_t kAlignment = 4096;  // O_DIRECT wants whole sectors at whole addresses

struct Free {
  void operator()(void* memory) const { std::free(memory); }
};

}  // namespace

Result<double> disk_bytes_per_second(const std::string& path, uint64_t max_bytes) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_DIRECT);
  if (fd < 0 && errno == EINVAL) return unsupported(path + ": its file system has no direct reads");
  if (fd < 0) return errno_error(errno, path);
  const std::unique_ptr<void, Free> piece(std::aligned_alloc(kAlignment, kPieceBytes));
  if (piece == nullptr) {
    close(fd);
    return out_of_memory();
  }
  const int64_t start_us = system_clock().monotonic_us();
  uint64_t done = 0;
  ssize_t n_read = 1;
  while (done < max_bytes && n_read > 0) {
    n_read = read(fd, piece.get(), kPieceBytes);
    done += static_cast<uint64_t>(std::max<ssize_t>(n_read, 0));
  }
  const int error = n_read < 0 ? errno : 0;
  close(fd);
  if (error != 0) return errno_error(error, path);
  const int64_t elapsed_us = std::max<int64_t>(1, system_clock().monotonic_us() - start_us);
  return static_cast<double>(done) * 1e6 / static_cast<double>(elapsed_us);
}

}  // namespace samovar::sys
