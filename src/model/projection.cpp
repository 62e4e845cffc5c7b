// The steps that attention, ffn and logits share: matrix products, norms, the residual.
// SPDX-License-Identifier: Apache-2.0
#include "base/check.h"
#include "kernels/select.h"
#include "model/forward_pass.h"

#include <algorithm>

namespace samovar::model {

// Few rows: small chunks keep the threads level at the speed of memory. Many rows: a larger chunk
// reads the activations less often.
int64_t ForwardPass::rows_per_chunk() const {
  return n_rows_ < 16 ? 32 : 64;
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
  const int64_t chunk = rows_per_chunk();
  const auto n_chunks = [chunk](const Projection& p) {
    return (p.weights->rows() + chunk - 1) / chunk;
  };
  int64_t total = 0;
  for (const Projection& p : projections) total += n_chunks(p);
  pool_.parallel_for(total, 1, [&](int64_t first, int64_t last, int) {
    for (int64_t i = first; i < last; ++i) {
      int64_t index = i;
      const Projection* p = projections.begin();
      while (index >= n_chunks(*p)) index -= n_chunks(*p++);
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
