// The feed-forward part of one layer.
// SPDX-License-Identifier: Apache-2.0
#include "model/forward_pass.h"

#include <algorithm>

namespace samovar::model {

void ForwardPass::ffn(int64_t l) {
  const LayerWeights& w = weights_.layers[static_cast<size_t>(l)];
  const FormatSet in_formats = FormatSet::of({&w.w_gate, &w.w_up});
  for_rows([&](int64_t t) {
    // With a parallel residual the input is still the one that attention read.
    if (!config_.parallel_residual) norm(t, w.ffn_norm, w.ffn_norm_b);
    b_.activations.prepare(kernels_, in_formats, t, n_rows_, b_.normed.data() + t * config_.d_model,
                           config_.d_model);
  });
  ffn_hidden(w);
  const FormatSet hidden_formats = FormatSet::of({&w.w_down});
  const float* hidden = config_.gated_ffn ? b_.gate.data() : b_.up.data();
  for_rows([&](int64_t t) {
    b_.activations.prepare(kernels_, hidden_formats, t, n_rows_, hidden + t * config_.d_ff,
                           config_.d_ff);
  });
  project({{&w.w_down, &w.b_down, b_.projected.data()}});
  for_rows([&](int64_t t) { add_to_residual(t, w.post_ffn_norm); });
}

// act(gate) * up, or act(up): the same rows of both matrices in one task, activated while in cache.
void ForwardPass::ffn_hidden(const LayerWeights& w) {
  const int64_t chunk = rows_per_chunk(config_.d_ff);
  const int64_t n_chunks = (config_.d_ff + chunk - 1) / chunk;
  pool_.parallel_for(n_chunks, 1, [&](int64_t first, int64_t last, int) {
    for (int64_t i = first; i < last; ++i) {
      const int64_t begin = i * chunk;
      const int64_t end = std::min(begin + chunk, config_.d_ff);
      if (config_.gated_ffn) project_chunk({&w.w_gate, &w.b_gate, b_.gate.data()}, begin, end);
      project_chunk({&w.w_up, &w.b_up, b_.up.data()}, begin, end);
      for (int64_t t = 0; t < n_rows_; ++t) ffn_activate(t, begin, end);
    }
  });
}

void ForwardPass::ffn_activate(int64_t t, int64_t begin, int64_t end) {
  const int64_t offset = t * config_.d_ff + begin;
  const int64_t n = end - begin;
  float* up = b_.up.data() + offset;
  const bool silu = config_.activation == Activation::kSilu;
  if (config_.gated_ffn) {
    (silu ? kernels_.silu_mul : kernels_.gelu_mul)(b_.gate.data() + offset, up, n);
  } else {
    kernels_.gelu(up, n);
  }
}

}  // namespace samovar::model
