#include "base/work_queue.h"

#include <cstdio>
#include <pthread.h>
#include <sys/resource.h>
#include <system_error>
#include <unistd.h>

#include <doctest/doctest.h>

namespace samovar {
namespace {

// Address space for one more thread and not for two, while it lives.
class RoomForOneThread {
 public:
  RoomForOneThread() {
    constexpr size_t kStackBytes = size_t{256} << 20;
    pthread_getattr_default_np(&usual_);
    pthread_attr_t large = usual_;
    pthread_attr_setstacksize(&large, kStackBytes);
    pthread_setattr_default_np(&large);
    getrlimit(RLIMIT_AS, &unlimited_);
    rlimit limit = unlimited_;
    limit.rlim_cur = used_bytes() + kStackBytes * 3 / 2;
    setrlimit(RLIMIT_AS, &limit);
  }
  ~RoomForOneThread() {
    setrlimit(RLIMIT_AS, &unlimited_);
    pthread_setattr_default_np(&usual_);
  }
  RoomForOneThread(const RoomForOneThread&) = delete;
  RoomForOneThread& operator=(const RoomForOneThread&) = delete;

 private:
  static size_t used_bytes() {
    size_t n_pages = 0;
    std::FILE* const file = std::fopen("/proc/self/statm", "re");
    REQUIRE(file != nullptr);
    REQUIRE(std::fscanf(file, "%zu", &n_pages) == 1);
    std::fclose(file);
    return n_pages * static_cast<size_t>(sysconf(_SC_PAGESIZE));
  }

  pthread_attr_t usual_ = {};
  rlimit unlimited_ = {};
};

TEST_CASE("tasks run, and those added after the end are dropped") {
  std::atomic<int> n_run{0};
  Mailbox<int> done;
  WorkQueue queue(2);
  for (int i = 0; i < 5; ++i) CHECK(queue.add([&] { done.send(++n_run); }));
  for (int i = 0; i < 5; ++i) done.receive();
  queue.finish();
  CHECK_FALSE(queue.add([&] { ++n_run; }));
  CHECK(n_run == 5);
}

TEST_CASE("a queue that is refused its second thread joins the first one") {
  const RoomForOneThread room;
  CHECK_THROWS_AS(WorkQueue(2), std::system_error);
}

}  // namespace
}  // namespace samovar
