#include "base/arena.h"
#include "base/byte_reader.h"
#include "base/checked.h"
#include "base/memory_reserve.h"
#include "base/rng.h"
#include "base/status.h"
#include "base/sync.h"
#include "base/thread_pool.h"
#include "base/work_queue.h"

#include <algorithm>
#include <atomic>
#include <cstring>
#include <list>
#include <new>
#include <span>
#include <thread>
#include <vector>

#include <doctest/doctest.h>

namespace samovar {
namespace {

Result<int> half(int x) {
  if (x % 2 != 0) return invalid_argument("x is odd");
  return x / 2;
}

Status quarter(int x, int& out) {
  SAMOVAR_ASSIGN(const int h, half(x));
  SAMOVAR_ASSIGN(out, half(h));
  return {};
}

TEST_CASE("a status carries its code and message through context and early returns") {
  int out = 0;
  CHECK(quarter(8, out).ok());
  CHECK(out == 2);
  const Status bad = quarter(6, out).with_context("key k");
  CHECK(bad.code() == Code::kInvalidArgument);
  CHECK(bad.message() == "key k: x is odd");
  CHECK(http_status(bad.code()) == 400);
  CHECK(exit_code(Code::kOk) == 0);
  CHECK(Status(bad).message() == bad.message());
}

TEST_CASE("checked integers refuse what does not fit") {
  CHECK(checked_mul<uint64_t>(1ULL << 32, 1ULL << 31) == 1ULL << 63);
  CHECK_FALSE(checked_mul<uint64_t>(1ULL << 32, 1ULL << 32));
  CHECK_FALSE(checked_add<uint64_t>(UINT64_MAX, 1));
  CHECK(checked_round_up<uint64_t>(33, 32) == 64U);
  CHECK_FALSE(checked_round_up<uint64_t>(UINT64_MAX, 32));
  CHECK_FALSE(checked_cast<int32_t>(uint64_t{1} << 31));
  CHECK_FALSE(checked_cast<uint32_t>(int64_t{-1}));
  CHECK(checked_cast<uint8_t>(255) == uint8_t{255});
}

TEST_CASE("a byte reader stops at the end and stays where it was") {
  const std::byte bytes[5] = {std::byte{1}, std::byte{0}, std::byte{0}, std::byte{0}, std::byte{9}};
  ByteReader reader(bytes);
  uint32_t word = 0;
  CHECK(reader.read(word));
  CHECK(word == 1);
  CHECK_FALSE(reader.read(word));
  CHECK(reader.offset() == 4);
  CHECK_FALSE(reader.skip(UINT64_MAX));
  CHECK(reader.skip(1));
  CHECK(reader.left() == 0);
}

TEST_CASE("the generator gives the published SplitMix64 sequence") {
  Rng rng(1234567);
  CHECK(rng.next_u64() == 6457827717110365317ULL);
  CHECK(rng.next_u64() == 3203168211198807973ULL);
  CHECK(Rng(5).next_double() < 1.0);
}

TEST_CASE("a ledger refuses what is over its budget and takes bytes back") {
  Ledger ledger(1000);
  {
    auto kept = Buffer::allocate(ledger, MemoryUse::kKvCache, 600);
    REQUIRE(kept.ok());
    CHECK(ledger.used_bytes(MemoryUse::kKvCache) == 600);
    CHECK(kept->data()[599] == std::byte{0});
    const auto refused = Buffer::allocate(ledger, MemoryUse::kWorkspace, 401);
    CHECK(refused.status().code() == Code::kResourceExhausted);
    Buffer moved = *std::move(kept);
    CHECK(ledger.used_bytes() == 600);
  }
  CHECK(ledger.used_bytes() == 0);
}

TEST_CASE("memory that is given back reads as zeros, and what is beside it stays") {
  constexpr size_t kPage = 4096;
  Ledger ledger;
  auto buffer = Buffer::allocate(ledger, MemoryUse::kKvCache, 4 * kPage);
  REQUIRE(buffer.ok());
  const std::span<std::byte> bytes = buffer->as<std::byte>();
  std::fill(bytes.begin(), bytes.end(), std::byte{7});
  buffer->discard(kPage - 1, 2 * kPage);  // one whole page
  CHECK(bytes[kPage - 1] == std::byte{7});
  CHECK(bytes[kPage] == std::byte{0});
  CHECK(bytes[2 * kPage - 1] == std::byte{0});
  CHECK(bytes[2 * kPage] == std::byte{7});
  buffer->discard(1, kPage - 2);
  CHECK(bytes[1] == std::byte{7});
  CHECK(ledger.used_bytes() == 4 * kPage);
}

TEST_CASE("a pool covers every index once, for any number of threads") {
  for (int n_threads = 1; n_threads <= 4; ++n_threads) {
    ThreadPool pool(n_threads);
    for (const int64_t n : {0, 1, 7, 1000}) {
      std::vector<std::atomic<int>> hits(static_cast<size_t>(n));
      pool.parallel_for(n, 3, [&](int64_t begin, int64_t end, int worker) {
        CHECK(worker < n_threads);
        for (int64_t i = begin; i < end; ++i) hits[static_cast<size_t>(i)].fetch_add(1);
      });
      for (const auto& hit : hits) CHECK(hit.load() == 1);
    }
  }
}

TEST_CASE("loops follow each other though more threads than cores take part") {
  ThreadPool pool(9);
  std::vector<int> values(257);
  for (int round = 1; round <= 3000; ++round) {
    const auto n = static_cast<int64_t>(1 + round % 257);
    pool.parallel_for(n, 1 + round % 5, [&](int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; ++i) values[static_cast<size_t>(i)] = round;
    });
    // All is written when the loop returns, whoever wrote it.
    for (int64_t i = 0; i < n; ++i) REQUIRE(values[static_cast<size_t>(i)] == round);
  }
}

TEST_CASE("fewer threads take part once that is said, and more again") {
  ThreadPool pool(3);
  const auto workers_of_a_loop = [&] {
    std::atomic<int> highest{0};
    pool.parallel_for(200, 1, [&](int64_t, int64_t, int worker) {
      for (int seen = highest; worker > seen && !highest.compare_exchange_weak(seen, worker);) {
      }
      std::this_thread::yield();
    });
    return highest + 1;
  };
  CHECK(pool.size() == 3);
  pool.set_size(1);
  CHECK(pool.size() == 1);
  CHECK(workers_of_a_loop() == 1);
  pool.set_size(2);
  for (int i = 0; i < 100; ++i) CHECK(workers_of_a_loop() <= 2);
  for (int i = 0; i < 100; ++i) {  // the third waits for a loop already when it is told
    pool.set_size(3);
    workers_of_a_loop();
    pool.set_size(2);
    CHECK(workers_of_a_loop() <= 2);
  }
  pool.set_size(99);
  CHECK(pool.size() == 3);
  int most = 0;
  for (int i = 0; i < 10'000 && most < 3; ++i) most = std::max(most, workers_of_a_loop());
  CHECK(most == 3);
  pool.set_size(1);  // the destructor wakes those that sleep
}

TEST_CASE("a paced loop covers every index once, on one thread too") {
  for (const int n_threads : {1, 3}) {
    ThreadPool pool(n_threads);
    pool.pacer().set_quota(100, 100'000'000);  // never reached
    std::vector<std::atomic<int>> hits(1000);
    pool.parallel_for(1000, 3, [&](int64_t begin, int64_t end, int) {
      for (int64_t i = begin; i < end; ++i) hits[static_cast<size_t>(i)].fetch_add(1);
    });
    for (const auto& hit : hits) CHECK(hit.load() == 1);
  }
}

TEST_CASE("a mailbox hands messages over in order and ends when closed") {
  Mailbox<int> mailbox;
  std::thread sender([&] {
    for (int i = 0; i < 100; ++i) CHECK(mailbox.send(i));
    mailbox.close();
  });
  int expected = 0;
  while (auto message = mailbox.receive()) CHECK(*message == expected++);
  sender.join();
  CHECK(expected == 100);
  CHECK_FALSE(mailbox.send(1));
}

TEST_CASE("a work queue runs tasks in order on its own thread, and none after its end") {
  std::vector<int> done;
  std::thread::id ran_on;
  std::atomic<bool> all{false};
  WorkQueue queue(1);
  for (int i = 0; i < 3; ++i) CHECK(queue.add([&done, i] { done.push_back(i); }));
  CHECK(queue.add([&] {
    ran_on = std::this_thread::get_id();
    all = true;
    all.notify_all();
  }));
  all.wait(false);
  queue.finish();
  CHECK(done == std::vector<int>{0, 1, 2});
  CHECK(ran_on != std::this_thread::get_id());
  CHECK_FALSE(queue.add([&done] { done.push_back(3); }));
  queue.finish();
  CHECK(done.size() == 3);
}

TEST_CASE("a work queue that ends waits for the task that runs, and drops those that wait") {
  std::atomic<bool> started{false}, go_on{false};
  std::atomic<int> n_done{0};
  WorkQueue queue(1);
  queue.add([&] {
    started = true;
    started.notify_all();
    go_on.wait(false);
    ++n_done;
  });
  queue.add([&] { ++n_done; });
  started.wait(false);
  std::thread end([&] { queue.finish(); });
  while (queue.add([] {})) std::this_thread::yield();
  go_on = true;
  go_on.notify_all();
  end.join();
  CHECK(n_done == 1);
}

TEST_CASE("whoever waits for messages can be woken without one") {
  Mailbox<int> mailbox;
  std::list<int> received;
  mailbox.wake();
  mailbox.receive_all(received);
  CHECK(received.empty());
  std::thread waiting([&] { mailbox.receive_all(received); });
  mailbox.wake();
  waiting.join();
  CHECK(received.empty());
}

TEST_CASE("a mailbox hands over all that waits at once") {
  Mailbox<int> mailbox;
  std::list<int> got = {0}, sent = {2, 3};
  CHECK(mailbox.send(1));
  CHECK(mailbox.send_all(std::move(sent)));
  mailbox.receive_all(got);
  CHECK(got == std::list<int>{0, 1, 2, 3});
  CHECK(mailbox.empty());
  mailbox.try_receive_all(got);
  mailbox.close();
  mailbox.receive_all(got);  // does not wait any more
  CHECK(got.size() == 4);
}

TEST_CASE(
    "the reserve is given away block by block, then operator new may throw, until it is full") {
  const auto has_handler = [] { return std::get_new_handler() != nullptr; };
  CHECK(refill_memory_reserve());
  CHECK_FALSE(has_handler());
  install_memory_reserve();
  REQUIRE(has_handler());
  int n_calls = 0;
  for (; has_handler(); ++n_calls) std::get_new_handler()();
  CHECK(n_calls == 65);
  CHECK(refill_memory_reserve());
  CHECK(has_handler());
}

TEST_CASE("out of memory is a status that is there before it is needed") {
  const Status status = out_of_memory();
  CHECK(status.code() == Code::kResourceExhausted);
  CHECK(status.message() == "out of memory");
}

}  // namespace
}  // namespace samovar
