#include "base/thread_pool.h"

#include "base/check.h"

#include <algorithm>

namespace samovar {
namespace {

// Some 20 to 50 us of pausing: longer than the gap between two loops of a forward pass, far
// shorter than a scheduler tick.
constexpr int kSpins = 1000;

// The parts of ThreadPool::gate_.
constexpr uint32_t kInsideMask = 0xFFF;  // workers inside the run
constexpr uint32_t kOpen = 0x1000;       // more may enter
constexpr uint32_t kRun = 0x2000;        // one more for each run

uint32_t run_of(uint32_t gate) {
  return gate / kRun;
}

void pause_cpu() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// Waits until done(gate): spins first, then parks. RETURNS that gate.
template <class Done>
uint32_t wait_until(const std::atomic<uint32_t>& gate, Done done) {
  for (int i = 0; i < kSpins; ++i) {
    const uint32_t now = gate.load(std::memory_order_acquire);
    if (done(now)) return now;
    pause_cpu();
  }
  for (;;) {
    const uint32_t now = gate.load(std::memory_order_acquire);
    if (done(now)) return now;
    gate.wait(now, std::memory_order_acquire);
  }
}

}  // namespace

// Delegates, so that the destructor joins the threads that are there when one more is refused.
ThreadPool::ThreadPool(int n_threads) : ThreadPool(n_threads, Empty()) {
  SAMOVAR_CHECK(n_threads >= 1 && n_threads <= kMaxThreads);
  threads_.reserve(static_cast<size_t>(n_threads - 1));
  for (int worker = 1; worker < n_threads; ++worker) {
    threads_.emplace_back([this, worker] { worker_loop(worker); });
  }
}

ThreadPool::~ThreadPool() {
  stop_.store(true, std::memory_order_relaxed);
  set_size(n_threads_);
  gate_.fetch_add(kRun, std::memory_order_release);
  gate_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void ThreadPool::set_size(int n_threads) {
  n_active_.store(std::clamp(n_threads, 1, n_threads_), std::memory_order_relaxed);
  n_active_.notify_all();
}

// Publishes a run, takes part in it, then closes it: who has not entered by then is not needed.
void ThreadPool::run(ErasedBody body, const void* context) {
  body_ = body;
  context_ = context;
  const uint32_t number = run_of(gate_.load(std::memory_order_relaxed)) + 1;
  gate_.store(number * kRun | kOpen, std::memory_order_release);
  gate_.notify_all();
  body(context, 0);
  gate_.fetch_and(~kOpen, std::memory_order_acq_rel);
  wait_until(gate_, [](uint32_t gate) { return (gate & kInsideMask) == 0; });
}

// Enters the run at hand if it is still open.
bool ThreadPool::enter() {
  uint32_t gate = gate_.load(std::memory_order_relaxed);
  while ((gate & kOpen) != 0) {
    if (gate_.compare_exchange_weak(gate, gate + 1, std::memory_order_acquire)) return true;
  }
  return false;
}

// The last one out of a closed run wakes the caller.
void ThreadPool::leave() {
  const uint32_t gate = gate_.fetch_sub(1, std::memory_order_release) - 1;
  if ((gate & (kInsideMask | kOpen)) == 0) gate_.notify_all();
}

void ThreadPool::worker_loop(int worker) {
  uint32_t seen = 0;
  for (;;) {
    for (int n = size(); worker >= n; n = size()) {
      n_active_.wait(n, std::memory_order_relaxed);
    }
    seen = run_of(wait_until(gate_, [seen](uint32_t gate) { return run_of(gate) != seen; }));
    if (stop_.load(std::memory_order_relaxed)) return;
    if (worker >= size() || !enter()) continue;  // it may have been told to sleep as it waited
    body_(context_, worker);
    leave();
  }
}

}  // namespace samovar
