#include "sys/read_ahead.h"

#include <system_error>
#include <utility>

namespace samovar::sys {
namespace {

// The kernel queues so much in one call; more would only delay the end of the thread.
constexpr uint64_t kChunkBytes = uint64_t{8} << 20;

}  // namespace

ReadAhead::ReadAhead(std::vector<std::shared_ptr<const MappedFile>> files)
    : files_(std::move(files)) {
  try {
    thread_ = std::thread([this] { read(); });
  } catch (const std::system_error&) {
    // Page faults will read the files, more slowly.
  }
}

ReadAhead::~ReadAhead() {
  stop_.store(true, std::memory_order_relaxed);
  if (thread_.joinable()) thread_.join();
}

void ReadAhead::read() const {
  for (const auto& file : files_) {
    for (uint64_t offset = 0; offset < file->bytes().size(); offset += kChunkBytes) {
      if (stop_.load(std::memory_order_relaxed)) return;
      file->will_need(offset, kChunkBytes);
    }
  }
}

}  // namespace samovar::sys
