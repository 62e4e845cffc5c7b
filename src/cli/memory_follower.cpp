#include "cli/memory_follower.h"

#include "base/clock.h"
#include "cli/output.h"
#include "sys/cgroup.h"
#include "sys/memory.h"

#include <utility>

namespace samovar::cli {
namespace {

constexpr int64_t kLookEveryMs = 1000;

const char* meaning(plan::PressureRung rung) {
  switch (rung) {
    case plan::PressureRung::kNone:
      return "memory is there again: all requests are taken, and prompts are kept for later ones";
    case plan::PressureRung::kForget:
      return "memory is short: what is kept of earlier prompts is given back";
    case plan::PressureRung::kEndIdle:
      return "memory is short: models that nobody uses are unloaded";
    case plan::PressureRung::kRefuse:
      return "memory is short: new requests are refused until it is there again";
  }
  return "";
}

}  // namespace

void MemoryFollower::follow(net::HttpServer& server) {
  look();
  server.after(kLookEveryMs, [this, &server] { follow(server); });
}

void MemoryFollower::look() {
  const plan::PressureRung before = ladder_.rung();
  const plan::PressureRung rung = ladder_.look(signs());
  if (rung == plan::PressureRung::kNone && rung == before) return;
  api_.relieve(rung);
  if (rung != before) tell("{}\n", meaning(rung));
}

plan::PressureSigns MemoryFollower::signs() {
  const double stalled_s = sys::memory_pressure_seconds("");
  const int64_t now_us = system_clock().monotonic_us();
  const double new_s = stalled_s - std::exchange(stalled_s_, stalled_s);
  const int64_t passed_us = now_us - std::exchange(looked_at_us_, now_us);
  const sys::MachineMemory memory = sys::machine_memory();
  // The first look knows of no time in between.
  const bool is_first = passed_us == now_us;
  return {.stalled_share = is_first ? 0 : new_s * 1e6 / static_cast<double>(passed_us),
          .usable_bytes = memory.usable_bytes(),
          .limit_bytes = memory.limit_bytes()};
}

}  // namespace samovar::cli
