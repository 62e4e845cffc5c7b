// SPDX-License-Identifier: Apache-2.0
#include "sys/mapped_file.h"

#include "base/checked.h"
#include "sys/sigbus.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <fcntl.h>
#include <memory>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

namespace samovar::sys {
namespace {

size_t page_size_bytes() {
  return static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

Status check_mappable(const struct stat& facts, const std::string& path) {
  if (S_ISDIR(facts.st_mode)) return invalid_argument(path + ": is a directory, expected a file");
  if (!S_ISREG(facts.st_mode)) return invalid_argument(path + ": is not a regular file");
  if (facts.st_size == 0) return invalid_argument(path + ": the file is empty");
  return {};
}

struct Descriptor {
  int fd;
  ~Descriptor() { close(fd); }
};

}  // namespace

Result<std::shared_ptr<const MappedFile>> MappedFile::open(const std::string& path) {
  // O_NONBLOCK: opening a FIFO must not wait for a writer before it is refused.
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return errno_error(errno, path);
  const Descriptor closer{fd};
  struct stat facts = {};
  if (fstat(fd, &facts) != 0) return errno_error(errno, path);
  SAMOVAR_TRY(check_mappable(facts, path));
  const auto size_bytes = checked_cast<size_t>(facts.st_size);
  if (!size_bytes) return too_large(path + ": larger than this machine can address");

  void* data = mmap(nullptr, *size_bytes, PROT_READ, MAP_SHARED, fd, 0);
  if (data == MAP_FAILED) return errno_error(errno, path + ": mmap");
  const std::optional<size_t> slot = watch_mapping(static_cast<std::byte*>(data), *size_bytes);
  if (!slot) {
    munmap(data, *size_bytes);
    return resource_exhausted(path + ": too many mapped files");
  }
  const std::shared_ptr<MappedFile> file(new MappedFile());
  file->data_ = static_cast<std::byte*>(data);
  file->size_bytes_ = *size_bytes;
  file->watch_slot_ = *slot;
  file->path_ = path;
  file->modified_unix_us_ =
      int64_t{facts.st_mtim.tv_sec} * 1'000'000 + facts.st_mtim.tv_nsec / 1'000;
  return std::shared_ptr<const MappedFile>(file);
}

MappedFile::~MappedFile() {
  if (data_ == nullptr) return;
  unwatch_mapping(watch_slot_);
  munmap(data_, size_bytes_);
}

uint64_t MappedFile::resident_bytes() const {
  std::array<unsigned char, 16'384> in_core;
  const size_t page_bytes = page_size_bytes();
  const size_t chunk_bytes = in_core.size() * page_bytes;
  uint64_t resident = 0;
  for (size_t offset = 0; offset < size_bytes_; offset += chunk_bytes) {
    const size_t length = std::min(chunk_bytes, size_bytes_ - offset);
    if (mincore(data_ + offset, length, in_core.data()) != 0) return resident;
    const size_t n_pages = (length + page_bytes - 1) / page_bytes;
    const auto pages = std::span(in_core).first(n_pages);
    const auto n_resident = std::count_if(pages.begin(), pages.end(),
                                          [](unsigned char flags) { return (flags & 1) != 0; });
    resident += static_cast<uint64_t>(n_resident) * page_bytes;
  }
  return std::min<uint64_t>(resident, size_bytes_);
}

bool MappedFile::seems_resident() const {
  constexpr size_t kSampleBytes = size_t{1} << 20;
  for (size_t offset = 0; offset < size_bytes_; offset += kSampleBytes) {
    unsigned char flags = 0;
    if (mincore(data_ + offset, 1, &flags) != 0 || (flags & 1) == 0) return false;
  }
  return true;
}

bool MappedFile::damaged() const {
  return mapping_damaged(watch_slot_);
}

}  // namespace samovar::sys
