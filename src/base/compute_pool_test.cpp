#include "base/compute_pool.h"

#include <atomic>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

namespace samovar {
namespace {

TEST_CASE("one at a time has the threads, and everybody gets his turns") {
  ComputePool pool(2);
  std::atomic<int> n_inside{0}, n_overlaps{0};
  std::atomic<int64_t> n_done{0};
  std::vector<std::thread> users;
  for (int user = 0; user < 3; ++user) {
    users.emplace_back([&] {
      for (int step = 0; step < 50; ++step) {
        const ComputePool::Turn turn(pool);
        if (n_inside.fetch_add(1) != 0) ++n_overlaps;
        turn.threads().parallel_for(8, 1, [&](int64_t begin, int64_t end, int) {
          n_done.fetch_add(end - begin, std::memory_order_relaxed);
        });
        n_inside.fetch_sub(1);
      }
    });
  }
  for (std::thread& user : users) user.join();
  CHECK(n_overlaps == 0);
  CHECK(n_done == 3 * 50 * 8);
  CHECK_FALSE(pool.in_use());
}

TEST_CASE("turns are given in the order in which they were asked for") {
  ComputePool pool(1);
  std::vector<int> order;
  std::vector<std::thread> users;
  {
    const ComputePool::Turn first(pool);
    CHECK(pool.in_use());
    for (int user = 0; user < 3; ++user) {
      const uint64_t n_before = pool.n_asked();
      users.emplace_back([&, user] {
        const ComputePool::Turn turn(pool);
        order.push_back(user);
      });
      while (pool.n_asked() == n_before) std::this_thread::yield();
    }
  }
  for (std::thread& user : users) user.join();
  CHECK(order == std::vector<int>{0, 1, 2});
}

}  // namespace
}  // namespace samovar
