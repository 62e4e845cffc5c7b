// The registry with made-up models: no file is read.
#include "api/model_registry.h"

#include "base/sync.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <system_error>
#include <thread>
#include <utility>

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

constexpr int64_t kSecond = 1'000'000;

ModelSource source(const std::string& id) {
  return {.id = id, .path = "/" + id};
}

// How a wish ended.
struct Ended {
  Status status;
  ServedPointer model;
  bool ok() const { return status.ok() && model != nullptr; }
};

// Files whose names are ids and whose plans have as many bytes as one says.
class FakeModels {
 public:
  explicit FakeModels(ModelRegistryOptions options = {}, uint64_t memory_bytes = 1'000'000)
      : memory_bytes_(memory_bytes) {
    options.load = [this](const ModelSource& asked) { return open(asked); };
    options.on_unload = [this](const ModelSource& gone, UnloadReason) {
      events_.send("-" + gone.id);
    };
    registry.emplace(std::move(options), clock);
    wake();
  }
  ~FakeModels() { registry.reset(); }

  // One that waits until it is loaded.
  ServedPointer use(const std::string& id) {
    if (ServedPointer model = registry->lease(id)) return model;
    Mailbox<Ended> ended;
    REQUIRE(registry->wait(wish(id, ended)).ok());
    auto end = ended.receive();
    REQUIRE(end->ok());
    ServedPointer model = std::exchange(end->model, nullptr);
    // The registry's thread lets go of its own copy a little later: a lease is given back with the
    // last one, at the time of then.
    while (model.use_count() > 1) std::this_thread::yield();
    return model;
  }
  static ModelWish wish(const std::string& id, Mailbox<Ended>& ended) {
    return {.source = source(id), .on_end = [&ended](const Result<ServedPointer>& model) {
              ended.send({model.status(), model.ok() ? *model : nullptr});
            }};
  }
  // Lets time pass, and timers that are due fire.
  void pass(int64_t us) {
    clock.advance_us(us);
    std::vector<std::function<void()>> due;
    {
      MutexLock lock(mutex_);
      std::erase_if(timers_, [&](auto& timer) {
        if (timer.first > clock.monotonic_us()) return false;
        due.push_back(std::move(timer.second));
        return true;
      });
    }
    for (const auto& task : due) task();
    wake();  // it may have looked at the clock before, and set no timer yet
  }
  void wake() {
    registry->set_timer([this](int64_t delay_ms, std::function<void()> task) {
      MutexLock lock(mutex_);
      timers_.emplace_back(clock.monotonic_us() + delay_ms * 1000, std::move(task));
    });
  }
  // The next load ("+a") or unload ("-a").
  std::string event() { return events_.receive().value_or(""); }
  std::vector<std::string> loaded() const {
    std::vector<std::string> ids;
    for (const auto& view : registry->views()) ids.push_back(view.source.id);
    std::sort(ids.begin(), ids.end());
    return ids;
  }

  void set_bytes(const std::string& id, uint64_t bytes) { bytes_[id] = bytes; }
  // Loads wait from now on, until allow_loads().
  void hold_loads() { held_ = true; }
  void allow_loads() {
    held_ = false;
    held_.notify_all();
  }
  std::atomic<bool> broken{false}, no_threads{false};
  std::atomic<int> n_opened{0};

  FakeClock clock;
  std::optional<ModelRegistry> registry;

 private:
  Result<ModelStarter> open(const ModelSource& asked) {
    ++n_opened;
    held_.wait(true);
    if (no_threads) {
      throw std::system_error(std::make_error_code(std::errc::resource_unavailable_try_again));
    }
    if (broken) return corrupt(asked.path + ": broken");
    return ModelStarter([this, id = asked.id](uint64_t reserved) { return start(id, reserved); });
  }
  Result<StartedModel> start(const std::string& id, uint64_t reserved_bytes) {
    const auto found = bytes_.find(id);
    const uint64_t bytes = found == bytes_.end() ? 1 : found->second;
    if (bytes > memory_bytes_) return resource_exhausted(id + " does not fit");
    if (reserved_bytes + bytes > memory_bytes_) return busy(id + " does not fit beside others");
    events_.send("+" + id);
    return StartedModel{std::make_shared<const ServedModel>(), bytes};
  }

  const uint64_t memory_bytes_;
  std::map<std::string, uint64_t> bytes_;
  std::atomic<bool> held_{false};
  Mailbox<std::string> events_;
  Mutex mutex_;
  std::vector<std::pair<int64_t, std::function<void()>>> timers_;
};

TEST_CASE("the least recently used idle model makes room for the next one") {
  FakeModels models({.max_loaded = 2});
  models.use("a");
  models.clock.advance_us(1);
  models.use("b");
  models.clock.advance_us(1);
  models.use("a");
  models.clock.advance_us(1);
  models.use("c");
  CHECK(models.loaded() == std::vector<std::string>{"a", "c"});
  for (const char* event : {"+a", "+b", "-b", "+c"}) CHECK(models.event() == event);
}

TEST_CASE("a model whose plan does not fit beside others drives out as many as it takes") {
  FakeModels models({.max_loaded = 0}, 10);
  models.set_bytes("large", 9);
  for (const char* id : {"a", "b", "c"}) {
    models.use(id);
    models.clock.advance_us(1);
  }
  models.use("large");
  CHECK(models.loaded() == std::vector<std::string>{"c", "large"});
  CHECK(models.n_opened == 4);  // its file was read once
}

TEST_CASE("a model that would not fit alone drives nobody out, and its clients hear why") {
  FakeModels models({}, 10);
  models.use("a");
  models.set_bytes("huge", 11);
  Mailbox<Ended> ended;
  REQUIRE(models.registry->wait(FakeModels::wish("huge", ended)).ok());
  CHECK(ended.receive()->status.code() == Code::kResourceExhausted);
  CHECK(models.registry->failure_of("huge") == "huge does not fit");
  CHECK(models.loaded() == std::vector<std::string>{"a"});
}

TEST_CASE("a model in use stays; the next one waits for its last lease") {
  FakeModels models({.max_loaded = 1});
  ServedPointer lease = models.use("a");
  ServedPointer second = models.use("a");
  Mailbox<Ended> ended;
  REQUIRE(models.registry->wait(FakeModels::wish("b", ended)).ok());
  while (models.n_opened < 2) std::this_thread::yield();
  lease = nullptr;
  CHECK(ended.empty());
  CHECK(models.loaded() == std::vector<std::string>{"a"});
  second = nullptr;
  CHECK(ended.receive()->ok());
  CHECK(models.loaded() == std::vector<std::string>{"b"});
}

TEST_CASE("requests for one model share one load") {
  FakeModels models;
  models.hold_loads();
  Mailbox<Ended> ended;
  for (int i = 0; i < 5; ++i) REQUIRE(models.registry->wait(FakeModels::wish("a", ended)).ok());
  while (models.registry->loading().empty()) std::this_thread::yield();
  CHECK(models.registry->loading() == "a");
  models.allow_loads();
  for (int i = 0; i < 5; ++i) CHECK(ended.receive()->ok());
  CHECK(models.n_opened == 1);
  CHECK(models.registry->totals().n_loads == 1);
}

TEST_CASE("a failed load ends all who waited, drives nobody out, and is tried anew") {
  FakeModels models({.max_loaded = 1});
  models.use("a");
  models.broken = true;
  models.hold_loads();
  Mailbox<Ended> ended;
  for (int i = 0; i < 3; ++i) REQUIRE(models.registry->wait(FakeModels::wish("b", ended)).ok());
  models.allow_loads();
  for (int i = 0; i < 3; ++i) CHECK(ended.receive()->status.message() == "/b: broken");
  CHECK(models.loaded() == std::vector<std::string>{"a"});
  CHECK(models.registry->failure_of("b") == "/b: broken");
  models.broken = false;
  models.use("b");
  CHECK(models.registry->failure_of("b").empty());
}

TEST_CASE("a load that is refused a thread fails, and the registry goes on") {
  FakeModels models;
  models.no_threads = true;
  const Status status = models.registry->load(source("a"));
  CHECK(status.code() == Code::kResourceExhausted);
  CHECK(status.message().find("ulimit -u") != std::string_view::npos);
  models.no_threads = false;
  models.use("a");
}

TEST_CASE("an idle model goes when its time is over, and not before") {
  FakeModels models({.keep_alive_us = 60 * kSecond});
  models.use("a");
  CHECK(models.event() == "+a");
  models.pass(59 * kSecond);
  { const ServedPointer again = models.use("a"); }
  models.pass(2 * kSecond);
  CHECK(models.registry->views().front().left_us == 58 * kSecond);
  models.pass(58 * kSecond);
  CHECK(models.event() == "-a");
  CHECK(models.loaded().empty());
}

TEST_CASE("time does not run while a model is in use") {
  FakeModels models({.keep_alive_us = kSecond});
  ServedPointer lease = models.use("a");
  models.pass(100 * kSecond);
  CHECK(models.loaded() == std::vector<std::string>{"a"});
  lease = nullptr;
  models.pass(kSecond);
  CHECK(models.event() == "+a");
  CHECK(models.event() == "-a");
}

TEST_CASE("to be kept for no time means to go with the last lease") {
  FakeModels models;
  ServedPointer lease = models.use("a");
  models.registry->keep("a", 0);
  CHECK(models.loaded() == std::vector<std::string>{"a"});
  lease = nullptr;
  CHECK(models.event() == "+a");
  CHECK(models.event() == "-a");
  models.use("a");
}

TEST_CASE("a named model stays, whatever a client says") {
  FakeModels models;
  ModelSource named = source("a");
  named.named = true;
  CHECK(models.registry->load(named).ok());
  models.registry->keep("a", 0);
  CHECK_FALSE(models.registry->unload("a"));
  models.pass(1000 * 60 * kSecond);
  CHECK(models.loaded() == std::vector<std::string>{"a"});
  CHECK(models.registry->views().front().left_us == kForever);
}

TEST_CASE("short of memory, idle models go; those in use and named ones are not touched") {
  FakeModels models({.keep_alive_us = 60 * kSecond, .may_unload_named = true});
  ModelSource named = source("named");
  named.named = true;
  CHECK(models.registry->load(named).ok());
  models.use("idle");
  ServedPointer lease = models.use("used");
  models.registry->end_idle();
  for (const char* event : {"+named", "+idle", "+used", "-idle"}) CHECK(models.event() == event);
  lease = nullptr;
  models.pass(59 * kSecond);
  CHECK(models.loaded() == std::vector<std::string>{"named", "used"});
  models.pass(kSecond);
  CHECK(models.event() == "-used");
}

TEST_CASE("what is loaded beforehand drives nobody out") {
  FakeModels models({.max_loaded = 1});
  CHECK(models.registry->load(source("a")).ok());
  const Status refused = models.registry->load(source("b"));
  CHECK(refused.code() == Code::kBusy);
  CHECK(models.loaded() == std::vector<std::string>{"a"});
}

TEST_CASE(
    "an unloaded model leaves when its answers have ended; who asks meanwhile gets a new one") {
  FakeModels models;
  ServedPointer lease = models.use("a");
  CHECK(models.registry->unload("a"));
  CHECK(models.registry->lease("a") == nullptr);
  CHECK(models.registry->peek("a") == nullptr);
  Mailbox<Ended> ended;
  REQUIRE(models.registry->wait(FakeModels::wish("a", ended)).ok());
  CHECK(ended.empty());
  lease = nullptr;
  CHECK(ended.receive()->ok());
  for (const char* event : {"+a", "-a", "+a"}) CHECK(models.event() == event);
  CHECK_FALSE(models.registry->unload("never"));
}

TEST_CASE("who waits for a model that leaves holds up nobody else") {
  FakeModels models({.fairness_us = 5 * kSecond});
  const ServedPointer lease = models.use("a");
  models.use("b");
  CHECK(models.registry->unload("a"));
  Mailbox<Ended> ended;
  REQUIRE(models.registry->wait(FakeModels::wish("a", ended)).ok());
  models.pass(10 * kSecond);
  CHECK(models.registry->lease("b") != nullptr);
  models.registry->close();
  CHECK_FALSE(ended.receive()->ok());
}

TEST_CASE("newer requests overtake one whose model has no room, but not for long") {
  FakeModels models({.max_loaded = 1, .fairness_us = 5 * kSecond});
  ServedPointer lease = models.use("a");
  Mailbox<Ended> of_b, of_a;
  REQUIRE(models.registry->wait(FakeModels::wish("b", of_b)).ok());
  while (models.n_opened < 2 || !models.registry->loading().empty()) std::this_thread::yield();
  models.pass(4 * kSecond);
  CHECK(models.registry->lease("a") != nullptr);
  models.pass(kSecond);
  CHECK(models.registry->lease("a") == nullptr);
  REQUIRE(models.registry->wait(FakeModels::wish("a", of_a)).ok());
  lease = nullptr;
  CHECK(of_b.receive()->ok());
  CHECK(of_a.receive()->ok());
  for (const char* event : {"+a", "-a", "+b", "-b", "+a"}) CHECK(models.event() == event);
}

TEST_CASE(
    "who waits in vain is told after a while, and a client that left costs nobody his model") {
  FakeModels models({.max_loaded = 1, .patience_us = 300 * kSecond});
  ServedPointer lease = models.use("a");
  Mailbox<Ended> of_b, of_c;
  std::atomic<bool> gone{false};
  ModelWish leaves = FakeModels::wish("c", of_c);
  leaves.gone = [&] { return gone.load(); };
  REQUIRE(models.registry->wait(std::move(leaves)).ok());
  gone = true;
  REQUIRE(models.registry->wait(FakeModels::wish("b", of_b)).ok());
  while (models.registry->totals().n_waiting != 1) std::this_thread::yield();
  models.pass(300 * kSecond);
  CHECK(of_b.receive()->status.code() == Code::kBusy);
  lease = nullptr;
  CHECK(models.loaded() == std::vector<std::string>{"a"});
  CHECK(of_c.empty());
}

TEST_CASE("a registry that is closed refuses, and one that ends lets nobody wait") {
  FakeModels models({.max_loaded = 1, .max_waiting = 1});
  const ServedPointer lease = models.use("a");
  Mailbox<Ended> ended;
  REQUIRE(models.registry->wait(FakeModels::wish("b", ended)).ok());
  CHECK(models.registry->wait(FakeModels::wish("b", ended)).code() == Code::kBusy);
  models.registry->close();
  CHECK(ended.receive()->status.message() == "the server is shutting down");
  CHECK(models.registry->lease("a") == nullptr);
  CHECK(models.registry->wait(FakeModels::wish("a", ended)).code() == Code::kBusy);
  models.registry->stop();
  CHECK(lease != nullptr);
}

TEST_CASE("an adopted model can be waited for") {
  FakeClock clock;
  ModelRegistry registry({}, clock);
  Mailbox<Ended> ended;
  REQUIRE(registry.wait(FakeModels::wish("a", ended)).ok());
  registry.adopt(source("a"), std::make_shared<const ServedModel>());
  CHECK(ended.receive()->ok());
}

TEST_CASE("many threads use few places without losing a lease or a model") {
  FakeModels models({.max_loaded = 2, .keep_alive_us = 0});
  std::vector<std::thread> clients;
  for (int client = 0; client < 4; ++client) {
    clients.emplace_back([&, client] {
      for (int i = 0; i < 50; ++i) {
        const ServedPointer lease =
            models.use(std::string(1, static_cast<char>('a' + (client + i) % 3)));
        CHECK(models.registry->views().size() <= 2);
      }
    });
  }
  for (std::thread& client : clients) client.join();
  while (!models.loaded().empty()) std::this_thread::yield();
  const auto totals = models.registry->totals();
  CHECK(totals.n_loads == totals.n_unloads);
  CHECK(totals.n_waiting == 0);
}

}  // namespace
}  // namespace samovar::api
