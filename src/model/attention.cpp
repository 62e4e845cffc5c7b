// Attention of one layer over paged keys and values.
// SPDX-License-Identifier: Apache-2.0
#include "model/forward_pass.h"

#include <algorithm>
#include <array>
#include <limits>

namespace samovar::model {
namespace {

// Rows that walk the pages together, so that a page of keys is read from memory once for all of
// them.
constexpr int64_t kTileRows = 16;

}  // namespace

void ForwardPass::attention(int64_t l) {
  const LayerWeights& w = weights_.layers[static_cast<size_t>(l)];
  attention_input(l);
  project({{&w.wq, &w.bq, b_.q.data()}, {&w.wk, &w.bk, b_.k.data()}, {&w.wv, &w.bv, b_.v.data()}});
  for_rows([&](int64_t t) { rotate_and_store(l, t); });
  // Past this point the last layer serves only the logits.
  if (l == config_.n_layer - 1) keep_logit_rows();

  const int64_t n_tiles = (n_rows_ + kTileRows - 1) / kTileRows;
  pool_.parallel_for(n_tiles * config_.n_head, 1, [&](int64_t first, int64_t last, int) {
    for (int64_t i = first; i < last; ++i) {
      const int64_t begin = i / config_.n_head * kTileRows;
      attend(l, i % config_.n_head, begin, std::min(begin + kTileRows, n_rows_));
    }
  });

  const FormatSet formats = FormatSet::of({&w.wo});
  const int64_t n = config_.n_head * config_.d_head_v;
  for_rows([&](int64_t t) {
    b_.activations.prepare(kernels_, formats, t, b_.attended.data() + t * n, n);
  });
  project({{&w.wo, &w.bo, b_.projected.data()}});
  for_rows([&](int64_t t) { add_to_residual(t, w.post_attn_norm); });
}

void ForwardPass::attention_input(int64_t l) {
  const LayerWeights& w = weights_.layers[static_cast<size_t>(l)];
  const FormatSet formats = FormatSet::of({&w.wq, &w.wk, &w.wv});
  for_rows([&](int64_t t) {
    norm(t, w.attn_norm, w.attn_norm_b);
    b_.activations.prepare(kernels_, formats, t, b_.normed.data() + t * config_.d_model,
                           config_.d_model);
  });
}

void ForwardPass::rotate_heads(float* heads, int64_t n_head, const TensorView& norm,
                               const float* cos_sin) const {
  const int64_t d = config_.d_head_k;
  const auto rotate =
      config_.rope.kind == RopeKind::kNorm ? kernels_.rope_norm : kernels_.rope_neox;
  for (int64_t h = 0; h < n_head; ++h) {
    float* head = heads + h * d;
    if (norm.present()) kernels_.rms_norm(head, norm.f32(), config_.norm_eps, d, head);
    if (config_.rope.kind != RopeKind::kNone) rotate(head, cos_sin, config_.rope.n_rot);
  }
}

void ForwardPass::rotate_and_store(int64_t l, int64_t t) {
  const LayerWeights& w = weights_.layers[static_cast<size_t>(l)];
  const int64_t n_q = config_.n_head * config_.d_head_k;
  const int64_t d_k = config_.d_head_k, d_v = config_.d_head_v;
  float* q = b_.q.data() + t * n_q;
  float* k = b_.k.data() + t * config_.n_head_kv * d_k;
  const float* v = b_.v.data() + t * config_.n_head_kv * d_v;
  const bool windowed = config_.window[static_cast<size_t>(l)] > 0;
  const float* cos_sin =
      (windowed ? b_.rope_windowed : b_.rope_global).data() + t * config_.rope.n_rot;
  rotate_heads(q, config_.n_head, w.q_norm, cos_sin);
  rotate_heads(k, config_.n_head_kv, w.k_norm, cos_sin);
  kernels_.scale(q, config_.attention_scale, n_q);

  const RowPlace& place = b_.places[static_cast<size_t>(t)];
  const PageId page = (*place.pages)[static_cast<size_t>(place.position / kPageTokens)];
  const auto slot = static_cast<size_t>(place.position % kPageTokens);
  for (int64_t h = 0; h < config_.n_head_kv; ++h) {
    kernels_.store_kv(k + h * d_k, kv_.type(), d_k,
                      kv_.keys(page, l, h) + slot * kv_.key_token_bytes());
    kernels_.store_kv(v + h * d_v, kv_.type(), d_v,
                      kv_.values(page, l, h) + slot * kv_.value_token_bytes());
  }
}

// One query head of a few rows. Each row takes its pages in ascending order, whatever its
// neighbours.
void ForwardPass::attend(int64_t l, int64_t head, int64_t row_begin, int64_t row_end) {
  struct Walk {
    int64_t first, end;  // positions this row sees
    const PageTable* pages;
    kernels::AttnState state;
  };
  std::array<Walk, kTileRows> walks;
  const int64_t d_k = config_.d_head_k, d_v = config_.d_head_v;
  const int64_t head_kv = head / (config_.n_head / config_.n_head_kv);
  const int64_t window = config_.window[static_cast<size_t>(l)];
  int64_t first_page = std::numeric_limits<int64_t>::max(), end_page = 0;
  for (int64_t t = row_begin; t < row_end; ++t) {
    const RowPlace& place = b_.places[static_cast<size_t>(t)];
    Walk& walk = walks[static_cast<size_t>(t - row_begin)];
    walk.end = int64_t{place.position} + 1;
    walk.first = window > 0 ? std::max(int64_t{0}, walk.end - window) : 0;
    walk.pages = place.pages;
    float* acc = b_.attended.data() + (t * config_.n_head + head) * d_v;
    std::fill_n(acc, d_v, 0.0F);
    walk.state = {-std::numeric_limits<float>::infinity(), 0.0F, acc};
    first_page = std::min(first_page, walk.first / kPageTokens);
    end_page = std::max(end_page, (walk.end + kPageTokens - 1) / kPageTokens);
  }
  for (int64_t i = first_page; i < end_page; ++i) {
    for (int64_t t = row_begin; t < row_end; ++t) {
      Walk& walk = walks[static_cast<size_t>(t - row_begin)];
      const int64_t begin = std::max(walk.first - i * kPageTokens, int64_t{0});
      const int64_t end = std::min(walk.end - i * kPageTokens, kPageTokens);
      if (begin >= end) continue;
      const PageId page = (*walk.pages)[static_cast<size_t>(i)];
      const float* q = b_.q.data() + (t * config_.n_head + head) * d_k;
      kernels_.attn_page(q, kv_.keys(page, l, head_kv), kv_.values(page, l, head_kv), kv_.type(),
                         d_k, d_v, begin, end, config_.attention_softcap, &walk.state);
    }
  }
  for (int64_t t = row_begin; t < row_end; ++t) {
    const kernels::AttnState& state = walks[static_cast<size_t>(t - row_begin)].state;
    for (int64_t j = 0; j < d_v; ++j) state.acc[j] /= state.sum;
  }
}

}  // namespace samovar::model
