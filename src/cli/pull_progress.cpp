#include "cli/pull_progress.h"

#include "base/clock.h"
#include "cli/output.h"
#include "cli/progress_view.h"

#include <unistd.h>

namespace samovar::cli {

Status with_progress(const std::function<Status(const store::ProgressSink&)>& work,
                     const std::function<bool(const store::Progress&)>& goes_on) {
  ProgressView view(isatty(STDERR_FILENO) == 1, system_clock());
  const Status status = work([&](const store::Progress& progress) {
    write_stderr(view.draw(progress));
    return !goes_on || goes_on(progress);
  });
  write_stderr(view.finish());
  return status;
}

Result<store::PulledModel> pull_with_progress(
    const store::Store& models, const std::string& name,
    const std::function<bool(const store::Progress&)>& goes_on, const std::atomic<bool>* cancel) {
  store::PulledModel model;
  const auto pull = [&](const store::ProgressSink& progress) -> Status {
    SAMOVAR_ASSIGN(model, models.pull(name, progress, cancel));
    return {};
  };
  SAMOVAR_TRY(with_progress(pull, goes_on));
  return model;
}

}  // namespace samovar::cli
