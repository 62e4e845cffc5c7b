// When tokens are fetched, by whom, and what happens when they can't be.
#include "cloud/credentials.h"

#include <atomic>
#include <deque>
#include <functional>
#include <thread>
#include <vector>

#include <doctest/doctest.h>
#include <fmt/format.h>

namespace samovar::cloud {
namespace {

constexpr int64_t kSecondUs = 1'000'000;

// Gives tokens "t1", "t2", ... with the lives and failures that it is told.
struct Script {
  std::deque<Status> failures;  // used up first
  int64_t life_us = 100 * kSecondUs;
  std::atomic<int> n_fetches{0};
  std::atomic<int> n_inside{0};
  std::atomic<bool> overlapped{false};
  std::atomic<bool> changed{false};
  bool renews = true;
  std::function<void()> amid = [] {};
};

class ScriptedSource final : public TokenSource {
 public:
  explicit ScriptedSource(Script& script) : script_(script) {}

  Result<IamToken> fetch() override {
    if (script_.n_inside.fetch_add(1) != 0) script_.overlapped = true;
    script_.changed = false;
    const int number = ++script_.n_fetches;
    script_.amid();
    --script_.n_inside;
    if (!script_.failures.empty()) {
      const Status failure = script_.failures.front();
      script_.failures.pop_front();
      return failure;
    }
    return IamToken{Secret(fmt::format("t{}", number)), script_.life_us};
  }
  bool renews() const override { return script_.renews; }
  bool changed() const override { return script_.changed; }

 private:
  Script& script_;
};

struct ClockedCredentials {
  FakeClock clock;
  Script script;
  Credentials credentials{std::make_unique<ScriptedSource>(script), clock};

  std::string token() {
    const auto header = credentials.authorization();
    return header.ok() ? header->reveal() : "failed: " + std::string(header.status().message());
  }
};

TEST_CASE("A token is used until four fifths of its life, then a new one is fetched") {
  ClockedCredentials setup;
  CHECK(setup.token() == "Bearer t1");
  setup.clock.advance_us(79 * kSecondUs);
  CHECK(setup.token() == "Bearer t1");
  CHECK(setup.credentials.report().left_us == 21 * kSecondUs);
  setup.clock.advance_us(kSecondUs);
  CHECK(setup.token() == "Bearer t2");
  CHECK(setup.script.n_fetches == 2);
}

TEST_CASE("A token without an end is fetched once") {
  ClockedCredentials setup;
  setup.script.life_us = 0;
  CHECK(setup.token() == "Bearer t1");
  setup.clock.advance_us(1'000'000 * kSecondUs);
  CHECK(setup.token() == "Bearer t1");
}

TEST_CASE("A wall clock that jumps does not make a token older") {
  // FakeClock moves both; the life is counted from the answer on, not to a date.
  ClockedCredentials setup;
  CHECK(setup.token() == "Bearer t1");
  CHECK(setup.credentials.report().left_us == 100 * kSecondUs);
}

TEST_CASE("The old token serves on while no new one can be had, and never in its last twentieth") {
  ClockedCredentials setup;
  setup.token();
  setup.clock.advance_us(85 * kSecondUs);
  setup.script.failures.assign(100, busy("IAM is away"));
  CHECK(setup.token() == "Bearer t1");
  setup.clock.advance_us(9 * kSecondUs);
  CHECK(setup.token() == "Bearer t1");
  setup.clock.advance_us(kSecondUs);
  CHECK(setup.token() == "failed: IAM is away");
}

TEST_CASE("Pauses between failed fetches grow from one second to a minute") {
  ClockedCredentials setup;
  setup.script.failures.assign(20, busy("IAM is away"));
  std::vector<int64_t> pauses_s;
  for (int i = 0; i < 9; ++i) {
    CHECK(setup.token() == "failed: IAM is away");
    const int n_fetches = setup.script.n_fetches;
    int64_t waited_s = 0;
    while (setup.script.n_fetches == n_fetches) {
      setup.clock.advance_us(kSecondUs);
      ++waited_s;
      setup.token();
    }
    pauses_s.push_back(waited_s);
  }
  CHECK(pauses_s == std::vector<int64_t>{1, 2, 4, 8, 16, 32, 60, 60, 60});
  CHECK(setup.credentials.report().n_failed == 10);
}

TEST_CASE("After a failure the next success starts from the beginning") {
  ClockedCredentials setup;
  setup.script.failures = {busy("away")};
  CHECK(setup.token() == "failed: away");
  setup.clock.advance_us(kSecondUs);
  CHECK(setup.token() == "Bearer t2");
}

TEST_CASE("A changed key file ends the pause at once, and brings a new token amid a life") {
  ClockedCredentials setup;
  setup.script.failures = {invalid_argument("the key is revoked")};
  CHECK(setup.token() == "failed: the key is revoked");
  setup.script.changed = true;
  CHECK(setup.token() == "Bearer t2");
  setup.script.changed = true;
  CHECK(setup.token() == "Bearer t3");
}

TEST_CASE("A changed key file that is no good leaves the token of the old one") {
  ClockedCredentials setup;
  CHECK(setup.token() == "Bearer t1");
  setup.script.failures = {invalid_argument("half written")};
  setup.script.changed = true;
  CHECK(setup.token() == "Bearer t1");
  CHECK(setup.script.n_fetches == 2);
  CHECK(setup.token() == "Bearer t1");
  CHECK(setup.script.n_fetches == 2);
}

TEST_CASE("A token that a server refuses is replaced, but not one that is new") {
  ClockedCredentials setup;
  const Secret first = *setup.credentials.authorization();
  CHECK_FALSE(setup.credentials.reject(first));
  setup.clock.advance_us(10 * kSecondUs);
  CHECK(setup.credentials.reject(first));
  CHECK(setup.token() == "Bearer t2");
  CHECK(setup.credentials.reject(first));  // there is another one already
  CHECK(setup.token() == "Bearer t2");
  CHECK(setup.script.n_fetches == 2);
}

TEST_CASE("A fixed token that is refused stays") {
  ClockedCredentials setup;
  setup.script.renews = false;
  const Secret first = *setup.credentials.authorization();
  setup.clock.advance_us(10 * kSecondUs);
  CHECK_FALSE(setup.credentials.reject(first));
  CHECK(setup.token() == "Bearer t1");
}

TEST_CASE("Of many threads without a token one fetches and all get it") {
  ClockedCredentials setup;
  std::atomic<int> n_good{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      if (setup.token() == "Bearer t1") ++n_good;
    });
  }
  for (std::thread& thread : threads) thread.join();
  CHECK(n_good == 16);
  CHECK(setup.script.n_fetches == 1);
  CHECK_FALSE(setup.script.overlapped);
}

TEST_CASE("While one thread fetches anew, others go on with the old token") {
  ClockedCredentials setup;
  setup.token();
  setup.clock.advance_us(85 * kSecondUs);
  std::string meanwhile;
  setup.script.amid = [&] { meanwhile = setup.token(); };  // as another thread would ask
  CHECK(setup.token() == "Bearer t2");
  CHECK(meanwhile == "Bearer t1");
}

TEST_CASE("API keys have a scheme of their own") {
  FakeClock clock;
  Credentials credentials(fixed_source("Api-Key", Secret("AQVN")), clock);
  CHECK(credentials.authorization()->reveal() == "Api-Key AQVN");
}

}  // namespace
}  // namespace samovar::cloud
