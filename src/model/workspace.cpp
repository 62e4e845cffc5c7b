#include "base/check.h"
#include "model/workspace_buffers.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::model {
namespace {

// Keeps max_rows times any width of a ModelConfig inside 63 bits.
constexpr int64_t kMaxRows = 65536;

}  // namespace

uint64_t Workspace::Buffers::carve(const ModelConfig& c, std::byte* base) {
  Carver carver(base);
  const int64_t n = options.max_rows;
  places = carver.take<RowPlace>(n);
  x = carver.take<float>(n * c.d_model);
  normed = carver.take<float>(n * c.d_model);
  projected = carver.take<float>(n * c.d_model);
  q = carver.take<float>(n * c.n_head * c.d_head_k);
  q_codes = carver.take<int16_t>(n * c.n_head * ((c.d_head_k + 1) / 2 * 2));
  k = carver.take<float>(n * c.n_head_kv * c.d_head_k);
  v = carver.take<float>(n * c.n_head_kv * c.d_head_v);
  attended = carver.take<float>(n * c.n_head * c.d_head_v);
  if (c.gated_ffn) gate = carver.take<float>(n * c.d_ff);
  up = carver.take<float>(n * c.d_ff);
  rope_global = carver.take<float>(n * c.rope.n_rot);
  if (c.largest_window() > 0) rope_windowed = carver.take<float>(n * c.rope.n_rot);
  logits = carver.take<float>(options.max_logit_rows * c.n_vocab);
  activations.carve(carver, n, std::max({c.d_model, c.n_head * c.d_head_v, c.d_ff}));
  return carver.used_bytes();
}

Result<Workspace> Workspace::create(const ModelConfig& config, const WorkspaceOptions& options,
                                    Ledger& ledger) {
  if (options.max_rows < 1 || options.max_rows > kMaxRows || options.max_logit_rows < 1 ||
      options.max_logit_rows > options.max_rows) {
    return invalid_argument(fmt::format("a workspace of {} rows, {} of them with logits",
                                        options.max_rows, options.max_logit_rows));
  }
  Workspace workspace;
  workspace.buffers_ = std::make_unique<Buffers>();
  Buffers& b = *workspace.buffers_;
  b.options = options;
  b.n_vocab = config.n_vocab;
  b.d_model = config.d_model;
  SAMOVAR_ASSIGN(b.memory,
                 Buffer::allocate(ledger, MemoryUse::kWorkspace, size_bytes(config, options)));
  b.carve(config, b.memory.data());
  return workspace;
}

uint64_t Workspace::size_bytes(const ModelConfig& config, const WorkspaceOptions& options) {
  Buffers measured;
  measured.options = options;
  return measured.carve(config, nullptr);
}

Workspace::Workspace() = default;
Workspace::Workspace(Workspace&&) noexcept = default;
Workspace& Workspace::operator=(Workspace&&) noexcept = default;
Workspace::~Workspace() = default;

const WorkspaceOptions& Workspace::options() const {
  return buffers_->options;
}

std::span<float> Workspace::logits(int64_t i) const {
  SAMOVAR_CHECK(i >= 0 && i < buffers_->options.max_logit_rows);
  return buffers_->logits.subspan(static_cast<size_t>(i * buffers_->n_vocab),
                                  static_cast<size_t>(buffers_->n_vocab));
}

std::span<const float> Workspace::state(int64_t i) const {
  SAMOVAR_CHECK(i >= 0 && i < buffers_->options.max_rows);
  return buffers_->normed.subspan(static_cast<size_t>(i * buffers_->d_model),
                                  static_cast<size_t>(buffers_->d_model));
}

}  // namespace samovar::model
