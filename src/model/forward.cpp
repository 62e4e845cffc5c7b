#include "base/check.h"
#include "model/forward_pass.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::model {
namespace {

// One sentence per broken limit; `i` is the row.
Status check_row(const ModelConfig& config, const Batch& batch, const KvCache& kv, size_t i) {
  const BatchRow& row = batch.rows[i];
  if (row.token < 0 || row.token >= config.n_vocab) {
    return invalid_argument(fmt::format("row {}: token {} is not one of the {} of this model", i,
                                        row.token, config.n_vocab));
  }
  if (row.sequence < 0 || static_cast<size_t>(row.sequence) >= batch.sequences.size()) {
    return invalid_argument(
        fmt::format("row {}: sequence {} of {}", i, row.sequence, batch.sequences.size()));
  }
  const SequencePages& pages = batch.sequences[static_cast<size_t>(row.sequence)];
  const PageTable none;
  const PageTable* tables[] = {pages.main, pages.windowed};
  for (const PageTable* table : std::span(tables).first(kv.window() > 0 ? 2 : 1)) {
    const PageTable& held = table != nullptr ? *table : none;
    if (row.position >= 0 && row.position / kPageTokens < std::ssize(held) &&
        held[static_cast<size_t>(row.position / kPageTokens)] != kNoPage)
      continue;
    return invalid_argument(
        fmt::format("row {}: position {} is outside the {} pages of its sequence", i, row.position,
                    held.size()));
  }
  return {};
}

Status check_batch(const ModelConfig& config, const Batch& batch, const KvCache& kv,
                   const WorkspaceOptions& options) {
  const auto n_rows = static_cast<int64_t>(batch.rows.size());
  if (n_rows > options.max_rows) {
    return invalid_argument(
        fmt::format("a batch of {} rows; this workspace holds {}", n_rows, options.max_rows));
  }
  int64_t n_logits = 0;
  for (size_t i = 0; i < batch.rows.size(); ++i) {
    SAMOVAR_TRY(check_row(config, batch, kv, i));
    n_logits += batch.rows[i].wants_logits ? 1 : 0;
  }
  if (n_logits > options.max_logit_rows) {
    return invalid_argument(fmt::format("{} rows want logits; this workspace holds {}", n_logits,
                                        options.max_logit_rows));
  }
  return {};
}

}  // namespace

ForwardPass::ForwardPass(const Model& model, const kernels::KernelTable& kernels, KvCache& kv,
                         Workspace& workspace, ThreadPool& pool)
    : config_(model.config()),
      weights_(model.weights()),
      model_(model),
      kernels_(kernels),
      kv_(kv),
      b_(*workspace.buffers_),
      pool_(pool) {}

void ForwardPass::run(const Batch& batch) {
  embed(batch);
  for (int64_t l = 0; l < config_.n_layer; ++l) {
    attention(l);
    if (n_rows_ == 0) return;  // the last layer, and nobody wants what comes of it
    ffn(l);
  }
  compute_logits();
}

void ForwardPass::embed(const Batch& batch) {
  n_rows_ = static_cast<int64_t>(batch.rows.size());
  n_logits_ = 0;
  for (int64_t t = 0; t < n_rows_; ++t) {
    const BatchRow& row = batch.rows[static_cast<size_t>(t)];
    b_.places[static_cast<size_t>(t)] = {row.position,
                                         batch.sequences[static_cast<size_t>(row.sequence)],
                                         row.wants_logits ? n_logits_++ : -1, row.wants_state};
  }
  const TensorView& table = weights_.token_embedding;
  for_rows([&](int64_t t) {
    const BatchRow& row = batch.rows[static_cast<size_t>(t)];
    float* x = b_.x.data() + t * config_.d_model;
    kernels_.decode_row(static_cast<uint32_t>(table.dtype), table.row(row.token), config_.d_model,
                        x);
    if (config_.embedding_scale != 1.0F)
      kernels_.scale(x, config_.embedding_scale, config_.d_model);
    const int64_t rope_row = t * config_.rope.n_rot;
    model_.rope(LayerKind::kGlobal).fill(row.position, b_.rope_global.data() + rope_row);
    if (!b_.rope_windowed.empty()) {
      model_.rope(LayerKind::kWindowed).fill(row.position, b_.rope_windowed.data() + rope_row);
    }
  });
}

// Moves the rows that want logits or their state to the front and forgets the others.
void ForwardPass::keep_output_rows() {
  const int64_t n_q = config_.n_head * config_.d_head_k;
  const auto move = [](std::span<float> rows, int64_t n, int64_t from, int64_t to) {
    std::copy_n(rows.data() + from * n, n, rows.data() + to * n);
  };
  int64_t kept = 0;
  for (int64_t t = 0; t < n_rows_; ++t) {
    const RowPlace place = b_.places[static_cast<size_t>(t)];
    if (place.logits < 0 && !place.wants_state) continue;
    if (kept != t) {
      b_.places[static_cast<size_t>(kept)] = place;
      move(b_.x, config_.d_model, t, kept);
      move(b_.normed, config_.d_model, t, kept);
      move(b_.q, n_q, t, kept);
    }
    ++kept;
  }
  n_rows_ = kept;
}

void ForwardPass::compute_logits() {
  const FormatSet formats = FormatSet::of({&weights_.output});
  for_rows([&](int64_t t) {
    norm(t, weights_.output_norm, weights_.output_norm_b);
    const int64_t i = b_.places[static_cast<size_t>(t)].logits;
    if (i < 0) return;
    b_.activations.prepare(kernels_, formats, i, n_logits_, b_.normed.data() + t * config_.d_model,
                           config_.d_model);
  });
  n_rows_ = n_logits_;
  if (n_rows_ == 0) return;
  project({{&weights_.output, &weights_.output_b, b_.logits.data()}});
  if (config_.logit_softcap > 0.0F) {
    for_rows([&](int64_t t) {
      kernels_.softcap(b_.logits.data() + t * config_.n_vocab, config_.logit_softcap,
                       config_.n_vocab);
    });
  }
}

Status forward(const Model& model, const kernels::KernelTable& kernels, const Batch& batch,
               KvCache& kv, Workspace& workspace, ThreadPool& pool) {
  SAMOVAR_TRY(check_batch(model.config(), batch, kv, workspace.options()));
  ForwardPass(model, kernels, kv, workspace, pool).run(batch);
  return {};
}

}  // namespace samovar::model
