// Attention of one layer over paged keys and values.
// SPDX-License-Identifier: Apache-2.0
#include "model/forward_pass.h"

#include <algorithm>
#include <array>
#include <limits>
#include <span>

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
  if (l == config_.n_layer - 1) keep_output_rows();
  if (n_rows_ == 0) return;

  attend_all(l);
  const FormatSet formats = FormatSet::of({&w.wo});
  const int64_t n = config_.n_head * config_.d_head_v;
  for_rows([&](int64_t t) {
    b_.activations.prepare(kernels_, formats, t, n_rows_, b_.attended.data() + t * n, n);
  });
  project({{&w.wo, &w.bo, b_.projected.data()}});
  for_rows([&](int64_t t) { add_to_residual(t, w.post_attn_norm); });
}

void ForwardPass::attention_input(int64_t l) {
  const LayerWeights& w = weights_.layers[static_cast<size_t>(l)];
  const FormatSet formats = FormatSet::of({&w.wq, &w.wk, &w.wv});
  for_rows([&](int64_t t) {
    norm(t, w.attn_norm, w.attn_norm_b);
    b_.activations.prepare(kernels_, formats, t, n_rows_, b_.normed.data() + t * config_.d_model,
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
  const PageId page = page_of(place, l, place.position / kPageTokens);
  const int64_t slot = place.position % kPageTokens;
  for (int64_t h = 0; h < config_.n_head_kv; ++h) {
    const kernels::KvBlock block = kv_.block(page, l, h);
    kernels_.store_key(k + h * d_k, block, slot);
    kernels_.store_value(v + h * d_v, block, slot);
  }
}

// The page that holds a sequence's positions index * kPageTokens onward for that layer.
PageId ForwardPass::page_of(const RowPlace& place, int64_t l, int64_t index) const {
  const bool windowed = kv_.pool_of_layer(l) == PagePool::kWindowed;
  return (windowed ? *place.pages.windowed : *place.pages.main)[static_cast<size_t>(index)];
}

// The heads of a KV head stay together, since they read the same pages, unless that leaves threads
// without work.
void ForwardPass::attend_all(int64_t l) {
  const int64_t group = config_.n_head / config_.n_head_kv;
  const int64_t n_tiles = (n_rows_ + kTileTokens - 1) / kTileTokens;
  const int64_t wanted = int64_t{pool_.size()} / (n_tiles * config_.n_head_kv);
  const int64_t n_parts = std::clamp(wanted, (group + kTileHeads - 1) / kTileHeads, group);
  const int64_t per_part = (group + n_parts - 1) / n_parts;
  pool_.parallel_for(n_tiles * config_.n_head_kv * n_parts, 1, [&](int64_t i, int64_t last, int) {
    for (; i < last; ++i) {
      const int64_t first = i % n_parts * per_part;
      if (first >= group) continue;
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

// The first key that row t of the batch sees, in a layer with that window (0: none).
int64_t ForwardPass::first_key(int64_t t, int64_t window) const {
  const int64_t end = int64_t{b_.places[static_cast<size_t>(t)].position} + 1;
  return window > 0 ? std::max(int64_t{0}, end - window) : 0;
}

// Each query row takes its pages in ascending order, whatever its neighbours do.
void ForwardPass::attend(const AttnTile& tile) {
  std::array<kernels::AttnRow, kTileTokens * kTileHeads> storage;
  const int64_t n_rows = (tile.row_end - tile.row_begin) * tile.n_heads;
  const std::span rows(storage.data(), static_cast<size_t>(n_rows));  // [tokens, heads]
  start_rows(tile, rows);
  const int64_t window = config_.window[static_cast<size_t>(tile.layer)];
  int64_t first_page = std::numeric_limits<int64_t>::max(), end_page = 0;
  for (int64_t t = tile.row_begin; t < tile.row_end; ++t) {
    const int64_t last_key = b_.places[static_cast<size_t>(t)].position;
    first_page = std::min(first_page, first_key(t, window) / kPageTokens);
    end_page = std::max(end_page, last_key / kPageTokens + 1);
  }
  for (int64_t page = first_page; page < end_page; ++page) attend_page(tile, page, rows);
  kernels_.attn_finish(rows.data(), n_rows, config_.d_head_v);
}

void ForwardPass::start_rows(const AttnTile& tile, std::span<kernels::AttnRow> rows) {
  const int64_t d_k = config_.d_head_k, d_v = config_.d_head_v;
  for (size_t i = 0; i < rows.size(); ++i) {
    const auto index = static_cast<int64_t>(i);
    const int64_t t = tile.row_begin + index / tile.n_heads;
    const int64_t head = t * config_.n_head + tile.head + index % tile.n_heads;
    float* acc = b_.attended.data() + head * d_v;
    std::fill_n(acc, d_v, 0.0F);
    const float* q = b_.q.data() + head * d_k;
    int16_t* codes = nullptr;
    float scale = 0.0F;
    if (kv_.type() == kernels::KvType::kI16 || kv_.type() == kernels::KvType::kQ8_0) {
      codes = b_.q_codes.data() + head * ((d_k + 1) / 2 * 2);
      scale = kernels_.quantize_query(q, d_k, codes);
    }
    rows[i] = {.q = q,
               .q_codes = codes,
               .q_scale = scale,
               .acc = acc,
               .begin = 0,
               .end = 0,
               .max = -std::numeric_limits<float>::infinity(),
               .sums = {}};
  }
}

// Page number `index` of each row's sequence: runs of tokens that share the page walk it together.
void ForwardPass::attend_page(const AttnTile& tile, int64_t index,
                              std::span<kernels::AttnRow> rows) {
  const int64_t window = config_.window[static_cast<size_t>(tile.layer)];
  const int64_t first = index * kPageTokens;
  const auto n_heads = static_cast<size_t>(tile.n_heads);
  size_t run = 0;  // rows that wait for `page`; they end where the row at hand begins
  PageId page = 0, next = -1;
  size_t at = 0;
  const auto flush = [&] {
    if (run > 0) attend_rows(tile, page, next, rows.subspan(at - run, run));
    run = 0;
  };
  for (int64_t t = tile.row_begin; t < tile.row_end; ++t, at += n_heads) {
    const RowPlace& place = b_.places[static_cast<size_t>(t)];
    const auto begin = static_cast<int32_t>(std::max(first_key(t, window) - first, int64_t{0}));
    const auto end = static_cast<int32_t>(std::min(place.position + 1 - first, kPageTokens));
    const bool sees = begin < end;
    const PageId id = sees ? page_of(place, tile.layer, index) : page;
    if (!sees || id != page) flush();
    if (!sees) continue;
    page = id;
    const bool goes_on = place.position + 1 > first + kPageTokens;
    next = goes_on ? page_of(place, tile.layer, index + 1) : kNoPage;
    run += n_heads;
    for (kernels::AttnRow& row : rows.subspan(at, n_heads)) {
      row.begin = begin;
      row.end = end;
    }
  }
  flush();
}

void ForwardPass::attend_rows(const AttnTile& tile, PageId page, PageId next,
                              std::span<kernels::AttnRow> rows) {
  kernels_.attn_page[static_cast<size_t>(kv_.type())](
      {.block = kv_.block(page, tile.layer, tile.head_kv),
       .next = next < 0 ? nullptr : kv_.block(next, tile.layer, tile.head_kv).keys,
       .softcap = config_.attention_softcap},
      rows.data(), static_cast<int64_t>(rows.size()));
}

}  // namespace samovar::model
