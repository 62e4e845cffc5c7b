// samovar perplexity: how well a model predicts a text.
#include "base/thread_pool.h"
#include "cli/command.h"
#include "cli/isa_choice.h"
#include "cli/output.h"
#include "cli/session.h"
#include "json/json.h"
#include "kernels/select.h"
#include "model/debug_logits.h"
#include "sys/file.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

constexpr uint64_t kMaxTextBytes = uint64_t{256} << 20;

// -log p(token) under softmax(logits), in double.
double surprise(std::span<const float> logits, int32_t token) {
  const double max = *std::max_element(logits.begin(), logits.end());
  double sum = 0;
  for (const float logit : logits) sum += std::exp(logit - max);
  return max + std::log(sum) - logits[static_cast<size_t>(token)];
}

// Windows of n_ctx tokens; each token of a window's second half is predicted from all before it, as
// llama-perplexity does, so that figures compare.
class Perplexity final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add_required("model", &model_, "a name that `samovar list` shows, or a path");
    flags.add_required("-f,--file", &file_, "the text to predict ('-': stdin)");
    flags.add("-c,--ctx-size", &n_ctx_, "tokens of one window");
    declare_compute_flags(flags, threads_, kv_);
    flags.add("--json", &json_, "print a JSON object");
  }

  Status run(const Environment& environment) override {
    SAMOVAR_ASSIGN(const sys::Isa isa, chosen_isa(environment));
    SAMOVAR_ASSIGN(const int n_threads, resolve_threads(threads_));
    SAMOVAR_ASSIGN(const kernels::KvType kv, parse_kv_type(kv_));
    SAMOVAR_ASSIGN(const std::string path, resolve_model(model_, environment));
    SAMOVAR_ASSIGN(const auto model, engine::LoadedModel::load(path));
    SAMOVAR_ASSIGN(const std::string text, sys::read_file(file_, kMaxTextBytes));
    const std::vector<int32_t> tokens = model->tokenizer().encode(text, {.add_special = true});
    if (n_ctx_ < 8 || static_cast<int64_t>(tokens.size()) < n_ctx_) {
      return invalid_argument(
          fmt::format("the text has {} tokens; a window of {} (at least 8) does not fit",
                      tokens.size(), n_ctx_));
    }
    ThreadPool pool(n_threads);
    const kernels::KernelTable kernels = kernels::select(isa);
    for (size_t begin = 0; begin + window() <= tokens.size(); begin += window()) {
      SAMOVAR_TRY(
          add_window(*model, kernels, pool, kv, std::span(tokens).subspan(begin, window())));
    }
    return report();
  }

 private:
  size_t window() const { return static_cast<size_t>(n_ctx_); }

  Status add_window(const engine::LoadedModel& model, const kernels::KernelTable& kernels,
                    ThreadPool& pool, kernels::KvType kv, std::span<const int32_t> tokens) {
    const auto n_vocab = static_cast<size_t>(model.model().config().n_vocab);
    size_t position = 0;
    return model::debug_logits(model.model(), kernels, pool, tokens,
                               {.n_ctx = n_ctx_, .kv_type = kv},
                               [&](std::span<const float> rows) -> Status {
                                 for (size_t at = 0; at < rows.size(); at += n_vocab, ++position) {
                                   if (position < window() / 2 || position + 1 >= tokens.size())
                                     continue;
                                   add(surprise(rows.subspan(at, n_vocab), tokens[position + 1]));
                                 }
                                 return {};
                               });
  }

  void add(double nats) {
    sum_ += nats;
    sum_of_squares_ += nats * nats;
    ++n_scored_;
  }

  Status report() const {
    const auto n = static_cast<double>(n_scored_);
    const double mean = sum_ / n;
    const double error = std::sqrt(std::max(0.0, sum_of_squares_ / n - mean * mean) / n);
    const double perplexity = std::exp(mean);
    if (json_) {
      return write_stdout(
          json::dump(
              {{"perplexity", perplexity}, {"error", perplexity * error}, {"tokens", n_scored_}}) +
          "\n");
    }
    return write_stdout(fmt::format("perplexity {:.4f} +/- {:.4f} over {} tokens\n", perplexity,
                                    perplexity * error, n_scored_));
  }

  std::string model_, file_, kv_ = "i16";
  int64_t n_ctx_ = 512, threads_ = 0;
  bool json_ = false;
  double sum_ = 0, sum_of_squares_ = 0;
  int64_t n_scored_ = 0;
};

}  // namespace

std::unique_ptr<Command> make_perplexity() {
  return std::make_unique<Perplexity>();
}

}  // namespace samovar::cli
