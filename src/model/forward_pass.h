// ForwardPass: one batch on its way through the layers. Internal to forward().
//
// Each step is either a loop over rows or a loop over chunks of weight rows (or of attention
// heads), shared out by the pool; the end of the loop is the only synchronisation. What a row
// computes depends on that row alone. Thread: made and run by the engine thread; bodies run on the
// pool's workers. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "model/workspace_buffers.h"

#include <cstdint>
#include <initializer_list>
#include <span>

namespace samovar::model {

// out[t, r] = dot(weight row r, activation row t) + bias[r].
struct Projection {
  const TensorView* weights;
  const TensorView* bias;  // may be absent
  float* out;              // [n_rows, weights->rows()]
};

// Some query heads of one KV head, for some rows of the batch.
struct AttnTile {
  int64_t layer, head_kv;
  int64_t head, n_heads;
  int64_t row_begin, row_end;
};

class ForwardPass {
 public:
  ForwardPass(const Model& model, const kernels::KernelTable& kernels, KvCache& kv,
              Workspace& workspace, ThreadPool& pool);

  // REQUIRES: a batch that fits the workspace and whose tokens, sequences and pages exist.
  void run(const Batch& batch);

 private:
  // forward.cpp: from tokens to the residual stream, and from it to logits.
  void embed(const Batch& batch);
  void keep_output_rows();
  void compute_logits();

  // attention.cpp: x += attention(norm(x)).
  void attention(int64_t l);
  void attention_input(int64_t l);
  void rotate_and_store(int64_t l, int64_t t);
  void rotate_heads(float* heads, int64_t n_head, const TensorView& norm,
                    const float* cos_sin) const;
  void attend_all(int64_t l);
  void attend(const AttnTile& tile);
  void start_rows(const AttnTile& tile, std::span<kernels::AttnRow> rows);
  void attend_page(const AttnTile& tile, int64_t index, std::span<kernels::AttnRow> rows);
  void attend_rows(const AttnTile& tile, PageId page, PageId next,
                   std::span<kernels::AttnRow> rows);
  int64_t first_key(int64_t t, int64_t window) const;
  PageId page_of(const RowPlace& place, int64_t l, int64_t index) const;

  // ffn.cpp: x += ffn(norm(x)).
  void ffn(int64_t l);
  void ffn_hidden(const LayerWeights& w);
  void ffn_activate(int64_t t, int64_t begin, int64_t end);

  // projection.cpp: the shared steps.
  void project(std::initializer_list<Projection> projections);
  void project_chunk(const Projection& p, int64_t begin, int64_t end);
  // out = norm(x) of row t.
  void norm(int64_t t, const TensorView& weight, const TensorView& bias);
  // x += post_norm(projected) of row t.
  void add_to_residual(int64_t t, const TensorView& post_norm);
  int64_t rows_per_chunk(int64_t n) const;
  template <class Body>
  void for_rows(const Body& body) {
    pool_.parallel_for(n_rows_, kRowsPerTask, [&](int64_t begin, int64_t end, int) {
      for (int64_t t = begin; t < end; ++t) body(t);
    });
  }

  static constexpr int64_t kRowsPerTask = 4;

  const ModelConfig& config_;
  const Weights& weights_;
  const Model& model_;
  const kernels::KernelTable& kernels_;
  KvCache& kv_;
  Workspace::Buffers& b_;
  ThreadPool& pool_;
  int64_t n_rows_ = 0;
  int64_t n_logits_ = 0;  // rows that want logits
};

}  // namespace samovar::model
