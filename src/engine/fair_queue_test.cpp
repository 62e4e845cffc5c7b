#include "engine/fair_queue.h"

#include <doctest/doctest.h>

namespace samovar::engine {
namespace {

void put(FairQueue& queue, uint64_t tenant, int64_t name) {
  std::list<Queued> letter(1);
  letter.front().request.max_tokens = name;
  letter.front().request.tenant = tenant;
  queue.put(letter);
}

// Serves the next request with n_tokens. RETURNS its name.
int64_t serve(FairQueue& queue, int64_t n_tokens) {
  const int64_t name = queue.front().request.max_tokens;
  const uint64_t tenant = queue.front().request.tenant;
  queue.pop_front();
  queue.charge(tenant, n_tokens);
  return name;
}

TEST_CASE("one tenant's requests keep their order") {
  FairQueue queue;
  for (const int64_t name : {1, 2, 3}) put(queue, 0, name);
  CHECK(serve(queue, 5) == 1);
  CHECK(serve(queue, 5) == 2);
  CHECK(serve(queue, 5) == 3);
  CHECK(queue.empty());
}

TEST_CASE("a tenant with many requests does not hold up one with few") {
  FairQueue queue;
  for (const int64_t name : {10, 11, 12, 13}) put(queue, 1, name);
  put(queue, 2, 20);
  put(queue, 2, 21);
  CHECK(serve(queue, 100) == 10);
  CHECK(serve(queue, 30) == 20);
  CHECK(serve(queue, 30) == 21);
  CHECK(serve(queue, 100) == 11);
}

TEST_CASE("who was away has saved nothing up") {
  FairQueue queue;
  put(queue, 2, 20);
  serve(queue, 1);
  for (const int64_t name : {10, 11, 12}) put(queue, 1, name);
  CHECK(serve(queue, 1000) == 10);
  put(queue, 2, 21);
  put(queue, 2, 22);
  CHECK(serve(queue, 10) != 22);
  CHECK(serve(queue, 10) != 22);
}

TEST_CASE("requests that are over leave the queue") {
  FairQueue queue;
  put(queue, 1, 10);
  put(queue, 2, 20);
  queue.erase_if([](Queued& queued) { return queued.request.tenant == 1; });
  CHECK(serve(queue, 1) == 20);
  CHECK(queue.empty());
}

}  // namespace
}  // namespace samovar::engine
