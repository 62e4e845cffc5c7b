// SPDX-License-Identifier: Apache-2.0
#include "sys/sigbus.h"

#include "sys/mapped_file.h"

#include <array>
#include <atomic>
#include <cerrno>
#include <cstdint>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

namespace samovar::sys {
namespace {

// Parts of split files and several models at once; 128 KiB in all.
constexpr size_t kMaxMappings = 4096;

// Free while begin == 0. begin is written last when a slot is filled and first when it is cleared.
struct Slot {
  std::atomic<uintptr_t> begin{0};
  std::atomic<uintptr_t> end{0};
  std::atomic<bool> taken{false};
  std::atomic<bool> damaged{false};
};
static_assert(std::atomic<uintptr_t>::is_always_lock_free);

// A signal handler gets no context pointer: these three must be globals. The last two are written
// once, by install_sigbus_handler().
std::array<Slot, kMaxMappings> slots;
struct sigaction previous_action;
uintptr_t page_bytes;

// Puts a page of zeros where the file has none and marks the mapping. Async-signal-safe: atomics
// and the mmap system call only.
bool patch_page(uintptr_t address) {
  for (Slot& slot : slots) {
    const uintptr_t begin = slot.begin.load(std::memory_order_acquire);
    if (begin == 0 || address < begin || address >= slot.end.load(std::memory_order_relaxed)) {
      continue;
    }
    slot.damaged.store(true, std::memory_order_relaxed);
    void* page = reinterpret_cast<void*>(address & ~(page_bytes - 1));
    return mmap(page, page_bytes, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) !=
           MAP_FAILED;
  }
  return false;
}

void handle_sigbus(int, siginfo_t* info, void*) {
  const int saved_errno = errno;
  if (!patch_page(reinterpret_cast<uintptr_t>(info->si_addr))) {
    // Not ours: a faulting read comes back and meets the old action, a sent signal must be sent
    // again.
    sigaction(SIGBUS, &previous_action, nullptr);
    if (info->si_code <= 0) raise(SIGBUS);
  }
  errno = saved_errno;
}

}  // namespace

std::optional<size_t> watch_mapping(const std::byte* data, size_t size_bytes) {
  for (size_t i = 0; i < slots.size(); ++i) {
    Slot& slot = slots[i];
    if (slot.taken.exchange(true, std::memory_order_acquire)) continue;
    slot.damaged.store(false, std::memory_order_relaxed);
    slot.end.store(reinterpret_cast<uintptr_t>(data) + size_bytes, std::memory_order_relaxed);
    slot.begin.store(reinterpret_cast<uintptr_t>(data), std::memory_order_release);
    return i;
  }
  return std::nullopt;
}

void unwatch_mapping(size_t slot) {
  slots[slot].begin.store(0, std::memory_order_relaxed);
  slots[slot].taken.store(false, std::memory_order_release);
}

bool mapping_damaged(size_t slot) {
  return slots[slot].damaged.load(std::memory_order_relaxed);
}

void install_sigbus_handler() {
  struct sigaction current = {};
  sigaction(SIGBUS, nullptr, &current);
  if (current.sa_sigaction == handle_sigbus) return;
  page_bytes = static_cast<uintptr_t>(sysconf(_SC_PAGESIZE));
  struct sigaction action = {};
  action.sa_sigaction = handle_sigbus;
  action.sa_flags = SA_SIGINFO | SA_ONSTACK;
  sigemptyset(&action.sa_mask);
  sigaction(SIGBUS, &action, &previous_action);
}

}  // namespace samovar::sys
