#include "cli/speed_line.h"

#include "base/thread_pool.h"
#include "sys/bandwidth.h"
#include "sys/mapped_file.h"

#include <fmt/format.h>

namespace samovar::cli {

std::string SpeedLine::describe(const engine::Timings& t) {
  const double rate = t.predicted_per_second();
  std::string line = fmt::format("{} prompt tokens at {:.1f}/s", t.n_prompt, t.prompt_per_second());
  if (t.n_cached > 0) line += fmt::format(" ({} more from the cache)", t.n_cached);
  line += fmt::format(", {} answer tokens at {:.1f}/s", t.n_predicted, rate);
  if (t.n_answer_steps() == 0) return line;
  if (read_bytes_per_second_ == 0) {
    ThreadPool pool(session_->n_threads);
    const auto& mappings = session_->served->model->file().mappings();
    if (mappings.empty()) return line;
    read_bytes_per_second_ = sys::read_bytes_per_second(mappings.front()->bytes(), pool, 1);
  }
  const double bytes =
      rate * static_cast<double>(session_->served->model->model().bytes_per_token());
  return line + fmt::format(" = {:.1f} GB/s, {:.0f} % of the {:.1f} GB/s that {} threads read here",
                            bytes / 1e9, 100 * bytes / read_bytes_per_second_,
                            read_bytes_per_second_ / 1e9, session_->n_threads);
}

}  // namespace samovar::cli
