#include "base/memory_reserve.h"

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <new>

namespace samovar {
namespace {

constexpr size_t kBlockBytes = size_t{16} << 10;

std::array<std::atomic<void*>, 64> g_blocks;
std::atomic<bool> g_whole{true};

// Called by operator new, which then tries again; without a handler it throws.
void give_a_block() {
  g_whole.store(false);
  for (std::atomic<void*>& block : g_blocks) {
    if (void* const memory = block.exchange(nullptr)) return std::free(memory);
  }
  std::set_new_handler(nullptr);
}

}  // namespace

void install_memory_reserve() noexcept {
  g_whole.store(false);
  static_cast<void>(refill_memory_reserve());
}

bool refill_memory_reserve() noexcept {
  if (g_whole.load()) return true;
  for (std::atomic<void*>& block : g_blocks) {
    if (block.load() != nullptr) continue;
    void* const memory = std::malloc(kBlockBytes);
    if (memory == nullptr) return false;
    std::free(block.exchange(memory));  // another thread may have filled it meanwhile
  }
  g_whole.store(true);
  std::set_new_handler(give_a_block);
  return true;
}

}  // namespace samovar
