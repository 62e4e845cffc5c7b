// The steps that attention, ffn and logits share: matrix products, norms, the residual.
// SPDX-License-Identifier: Apache-2.0
#include "base/check.h"
#include "kernels/select.h"
#include "model/forward_pass.h"

#include <algorithm>

namespace samovar::model {

// Of a matrix with n weight rows. Few activation rows: as many weight rows as leave each thread
// about eight chunks to share, since nothing has fetched a chunk's first weights (qwen2.5 1.5B, 2
// threads: 2 and 16 chunks 0.95 of the speed). Many: a chunk whose unpacked rows stay in the L2
// cache.
int64_t ForwardPass::rows_per_chunk(int64_t n) const {
  constexpr int64_t kGroup = 16;  // rows that kernels take together
  if (n_rows_ >= 16) return 64;
  const int64_t even_share = n / (8 * pool_.size());
  return std::clamp(even_share / kGroup * kGroup, kGroup, int64_t{512});
}

void ForwardPass::project_chunk(const Projection& p, int64_t begin, int64_t end) {
  const TensorView& w = *p.weights;
  const kernels::MatmulFn matmul = kernels_.matmul[static_cast<size_t>(w.dtype)];
  SAMOVAR_DCHECK(matmul != nullptr);
  const int64_t stride = w.rows();
  matmul(w.row(begin), w.row_bytes, end - begin, b_.activations.rows(kernels::act_format(w.dtype)),
         n_rows_, w.cols(), p.out + begin, stride);
  if (!p.bias->present()) return;
  for (int64_t t = 0; t < n_rows_; ++t) {
    kernels_.add(p.out + t * stride + begin, p.bias->f32() + begin, end - begin);
  }
}

// All projections as one sequence of chunks, so that threads meet once.
void ForwardPass::project(std::initializer_list<Projection> projections) {
  const auto chunk_of = [this](const Projection& p) { return rows_per_chunk(p.weights->rows()); };
  const auto n_chunks = [&](const Projection& p) {
    return (p.weights->rows() + chunk_of(p) - 1) / chunk_of(p);
  };
  int64_t total = 0;
  for (const Projection& p : projections) total += n_chunks(p);
  pool_.parallel_for(total, 1, [&](int64_t first, int64_t last, int) {
    for (int64_t i = first; i < last; ++i) {
      int64_t index = i;
      const Projection* p = projections.begin();
      while (index >= n_chunks(*p)) index -= n_chunks(*p++);
      const int64_t chunk = chunk_of(*p);
      project_chunk(*p, index * chunk, std::min((index + 1) * chunk, p->weights->rows()));
    }
  });
}

void ForwardPass::norm(int64_t t, const TensorView& weight, const TensorView& bias) {
  const int64_t n = config_.d_model;
  const float* x = b_.x.data() + t * n;
  float* out = b_.normed.data() + t * n;
  if (config_.norm == NormKind::kRms) {
    kernels_.rms_norm(x, weight.f32(), config_.norm_eps, n, out);
  } else {
    kernels_.layer_norm(x, weight.f32(), bias.f32(), config_.norm_eps, n, out);
  }
}

void ForwardPass::add_to_residual(int64_t t, const TensorView& post_norm) {
  const int64_t n = config_.d_model;
  float* y = b_.projected.data() + t * n;
  if (post_norm.present()) kernels_.rms_norm(y, post_norm.f32(), config_.norm_eps, n, y);
  kernels_.add(b_.x.data() + t * n, y, n);
}

}  // namespace samovar::model
