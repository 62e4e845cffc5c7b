// SPDX-License-Identifier: Apache-2.0
#include "sys/read_ahead.h"

#include <fcntl.h>
#include <memory>
#include <new>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace samovar::sys {
namespace {

constexpr size_t kPieceBytes = size_t{1} << 20;

}  // namespace

ReadAhead::ReadAhead(std::vector<std::shared_ptr<const MappedFile>> files)
    : files_(std::move(files)) {
  try {
    thread_ = std::thread([this] { read_all(); });
  } catch (const std::system_error&) {
    // Page faults will read the files, more slowly.
  }
}

ReadAhead::~ReadAhead() {
  stop_.store(true, std::memory_order_relaxed);
  if (thread_.joinable()) thread_.join();
}

void ReadAhead::read_all() const {
  for (const auto& file : files_) read(*file);
}

// A file that can't be opened or read is left to page faults, which say what is wrong; so is one
// for which there is no memory, since nobody hears of an exception here. One of which
// a part is cached is read whole: the kernel reads ahead of a reader that leaves nothing out.
void ReadAhead::read(const MappedFile& file) const {
  if (file.seems_resident()) return;
  const std::unique_ptr<char[]> piece(new (std::nothrow) char[kPieceBytes]);
  if (piece == nullptr) return;
  const int fd = open(file.path().c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  static_cast<void>(posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL));
  while (!stop_.load(std::memory_order_relaxed)) {
    if (::read(fd, piece.get(), kPieceBytes) <= 0) break;
  }
  close(fd);
}

}  // namespace samovar::sys
