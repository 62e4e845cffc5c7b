#include "engine/failing_new.h"

#include <atomic>
#include <cstdlib>
#include <limits>
#include <new>

namespace samovar::engine {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max();
std::atomic<int64_t> g_calls{0}, g_first{kNever}, g_last{kNever};
thread_local bool t_spared = false;

void count_call() {
  if (t_spared || g_first.load() == kNever) return;
  const int64_t call = g_calls.fetch_add(1) + 1;
  if (call >= g_first.load() && call <= g_last.load()) throw std::bad_alloc();
}

}  // namespace

FailingNew::FailingNew(int64_t first, int64_t last) {
  t_spared = true;
  g_calls = 0;
  g_last = last;
  g_first = first;
}

FailingNew::~FailingNew() {
  g_first = kNever;
}

bool FailingNew::struck() const {
  return g_calls.load() >= g_first.load();
}

}  // namespace samovar::engine

void* operator new(size_t size) {
  samovar::engine::count_call();
  if (void* block = std::malloc(size > 0 ? size : 1)) return block;
  throw std::bad_alloc();
}

void operator delete(void* block) noexcept {
  std::free(block);
}

void operator delete(void* block, size_t) noexcept {
  std::free(block);
}
