#include "cli/serve_pull.h"

#include "cli/output.h"
#include "cli/pull_progress.h"
#include "store/shown_url.h"
#include "sys/memory.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

// All there ever is for a model: memory, or what the container may have of it, and swap.
uint64_t memory_at_most() {
  const sys::MachineMemory memory = sys::machine_memory();
  return memory.limit_bytes() + memory.swap_total_bytes;
}

}  // namespace

Result<store::PulledModel> pull_to_serve(const store::Store& models, const std::string& name,
                                         const std::atomic<bool>& told_to_end) {
  const uint64_t limit_bytes = memory_at_most();
  uint64_t too_many_bytes = 0;  // of the model; 0: it may fit
  const auto may_fit = [&](const store::Progress& progress) {
    const uint64_t bytes = std::max(progress.bytes_total, progress.model_bytes);
    const bool is_here = progress.phase == store::Phase::kDone;
    if (!is_here && bytes > limit_bytes) too_many_bytes = bytes;
    return too_many_bytes == 0;
  };
  auto pulled = pull_with_progress(models, name, may_fit, &told_to_end);
  if (too_many_bytes > 0) {
    return resource_exhausted(fmt::format(
        "{} has {}, and this machine {} of memory: it is not fetched. `samovar pull` fetches it, "
        "and with SAMOVAR_PULL_FOR_ELSEWHERE=1 `llm pull` does",
        store::shown_name(name), human_bytes(too_many_bytes), human_bytes(limit_bytes)));
  }
  return pulled;
}

}  // namespace samovar::cli
