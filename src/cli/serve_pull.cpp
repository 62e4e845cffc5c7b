#include "cli/serve_pull.h"

#include "cli/output.h"
#include "cli/pull_progress.h"
#include "sys/memory.h"

#include <fmt/format.h>

namespace samovar::cli {
namespace {

// All there ever is for a model: memory, or what the container may have of it, and swap.
uint64_t memory_at_most() {
  const sys::MachineMemory memory = sys::machine_memory();
  return memory.limit_bytes() + memory.swap_total_bytes;
}

}  // namespace

Status pull_to_serve(const store::Store& models, const std::string& name,
                     const std::atomic<bool>& told_to_end) {
  const uint64_t limit_bytes = memory_at_most();
  uint64_t too_many_bytes = 0;  // of the model; 0: it may fit
  const auto pulled = pull_with_progress(models, name, [&](const store::Progress& progress) {
    if (progress.phase == store::Phase::kDownload && progress.bytes_total > limit_bytes) {
      too_many_bytes = progress.bytes_total;
    }
    return too_many_bytes == 0 && !told_to_end;
  });
  if (too_many_bytes > 0) {
    return resource_exhausted(
        fmt::format("{} has {}, and this machine {} of memory: it is not fetched", name,
                    human_bytes(too_many_bytes), human_bytes(limit_bytes)));
  }
  return pulled.status();
}

}  // namespace samovar::cli
