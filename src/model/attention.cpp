// Attention of one layer over paged keys and values.
// SPDX-License-Identifier: Apache-2.0
#include "model/forward_pass.h"

#include <algorithm>
#include <array>
#include <limits>

namespace samovar::model {
namespace {

// Query rows that walk the pages together, so that a page is read from memory once for all of them:
// some tokens, and some of the query heads that share a KV head.
constexpr int64_t kTileTokens = 16;
constexpr int64_t kTileHeads = 8;

}  // namespace

void ForwardPass::attention(int64_t l) {
  const LayerWeights& w = weights_.layers[static_cast<size_t>(l)];
  attention_input(l);
  project({{&w.wq, &w.bq, b_.q.data()}, {&w.wk, &w.bk, b_.k.data()}, {&w.wv, &w.bv, b_.v.data()}});
  for_rows([&](int64_t t) { rotate_and_store(l, t); });
  // Past this point the last layer serves only the logits.
  if (l == config_.n_layer - 1) keep_logit_rows();

  attend_all(l);
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
    kernels_.store_key(k + h * d_k, kv_.type(), d_k,
                       kv_.keys(page, l, h) + slot * kv_.element_bytes());
    kernels_.store_value(v + h * d_v, kv_.type(), d_v,
                         kv_.values(page, l, h) + slot * kv_.value_token_bytes());
  }
}

// The heads of a KV head stay together, unless that leaves threads without work.
void ForwardPass::attend_all(int64_t l) {
  const int64_t group = config_.n_head / config_.n_head_kv;
  const int64_t n_tiles = (n_rows_ + kTileTokens - 1) / kTileTokens;
  const int64_t wanted = 2 * int64_t{pool_.size()} / (n_tiles * config_.n_head_kv);
  const int64_t n_parts = std::clamp(wanted, (group + kTileHeads - 1) / kTileHeads, group);
  const int64_t per_part = (group + n_parts - 1) / n_parts;
  pool_.parallel_for(n_tiles * config_.n_head_kv * n_parts, 1, [&](int64_t i, int64_t last, int) {
    for (; i < last; ++i) {
      const int64_t first = i % n_parts * per_part;
      const int64_t head_kv = i / n_parts % config_.n_head_kv;
      const int64_t begin = i / (n_parts * config_.n_head_kv) * kTileTokens;
      attend({.layer = l,
              .head_kv = head_kv,
              .head = head_kv * group + first,
              .n_heads = std::min(per_part, group - first),
              .row_begin = begin,
              .row_end = std::min(begin + kTileTokens, n_rows_)});
    }
  });
}

// Each query row takes its pages in ascending order, whatever its neighbours do.
void ForwardPass::attend(const AttnTile& tile) {
  if (tile.n_heads <= 0) return;
  std::array<kernels::AttnRow, kTileTokens * kTileHeads> rows;  // [tokens, heads]
  const int64_t d_v = config_.d_head_v;
  const int64_t window = config_.window[static_cast<size_t>(tile.layer)];
  const auto first_key = [&](int64_t t) {
    const int64_t seen = int64_t{b_.places[static_cast<size_t>(t)].position} + 1;
    return window > 0 ? std::max(int64_t{0}, seen - window) : 0;
  };
  int64_t first_page = std::numeric_limits<int64_t>::max(), end_page = 0;
  kernels::AttnRow* row = rows.data();
  for (int64_t t = tile.row_begin; t < tile.row_end; ++t) {
    for (int64_t h = tile.head; h < tile.head + tile.n_heads; ++h, ++row) {
      float* acc = b_.attended.data() + (t * config_.n_head + h) * d_v;
      std::fill_n(acc, d_v, 0.0F);
      *row = {.q = b_.q.data() + (t * config_.n_head + h) * config_.d_head_k,
              .acc = acc,
              .begin = 0,
              .end = 0,
              .max = -std::numeric_limits<float>::infinity(),
              .sums = {}};
    }
    const int64_t last_key = b_.places[static_cast<size_t>(t)].position;
    first_page = std::min(first_page, first_key(t) / kPageTokens);
    end_page = std::max(end_page, last_key / kPageTokens + 1);
  }
  for (int64_t page = first_page; page < end_page; ++page) {
    int64_t waiting = 0;  // rows before t that see the same page
    PageId shared = 0;
    const auto flush = [&](int64_t t) {
      kernels::AttnRow* first = rows.data() + (t - waiting - tile.row_begin) * tile.n_heads;
      if (waiting > 0) attend_page(tile, shared, first, waiting * tile.n_heads);
      waiting = 0;
    };
    for (int64_t t = tile.row_begin; t < tile.row_end; ++t) {
      const RowPlace& place = b_.places[static_cast<size_t>(t)];
      const int64_t begin = std::max(first_key(t) - page * kPageTokens, int64_t{0});
      const int64_t end = std::min(place.position + 1 - page * kPageTokens, kPageTokens);
      if (begin >= end) {
        flush(t);
        continue;
      }
      const PageId id = (*place.pages)[static_cast<size_t>(page)];
      if (waiting > 0 && id != shared) flush(t);
      shared = id;
      ++waiting;
      kernels::AttnRow* of_token = rows.data() + (t - tile.row_begin) * tile.n_heads;
      for (int64_t h = 0; h < tile.n_heads; ++h) {
        of_token[h].begin = static_cast<int32_t>(begin);
        of_token[h].end = static_cast<int32_t>(end);
      }
    }
    flush(tile.row_end);
  }
  kernels_.attn_finish(rows.data(), (tile.row_end - tile.row_begin) * tile.n_heads, d_v);
}

void ForwardPass::attend_page(const AttnTile& tile, PageId page, kernels::AttnRow* rows,
                              int64_t n_rows) {
  kernels_.attn_page({.keys = kv_.keys(page, tile.layer, tile.head_kv),
                      .values = kv_.values(page, tile.layer, tile.head_kv),
                      .type = kv_.type(),
                      .d_k = config_.d_head_k,
                      .d_v = config_.d_head_v,
                      .softcap = config_.attention_softcap},
                     rows, n_rows);
}

}  // namespace samovar::model
