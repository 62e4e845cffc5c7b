// Weights: views of a model's tensors, bound by name and checked. Absent tensors have no data.
//
// Shapes in row-major order, slowest first: [d_out, d_in] is d_out rows of d_in elements.
// BORROWS the mapped file. Thread: const after load.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "gguf/file.h"
#include "model/config.h"
#include "tensor/tensor_view.h"

#include <vector>

namespace samovar::model {

// `?` marks tensors that not every architecture or file has.
struct LayerWeights {
  TensorView attn_norm, attn_norm_b;  // [d_model] f32, bias?
  // Rows of one fused tensor in files that fuse them.
  TensorView wq, wk,
      wv;  // [n_head * d_head_k, d_model], [n_head_kv * d_head_k, d_model], [.. d_head_v ..]
  TensorView bq, bk, bv;            // f32?
  TensorView q_norm, k_norm;        // [d_head_k] f32?
  TensorView wo, bo;                // [d_model, n_head * d_head_v], bias?
  TensorView post_attn_norm;        // [d_model] f32?
  TensorView ffn_norm, ffn_norm_b;  // [d_model] f32?
  TensorView w_gate, w_up, w_down;  // [d_ff, d_model]?, [d_ff, d_model], [d_model, d_ff]
  TensorView b_gate, b_up, b_down;  // f32?
  TensorView post_ffn_norm;         // [d_model] f32?
};

struct Weights {
  TensorView token_embedding;             // [n_vocab, d_model]
  TensorView output_norm, output_norm_b;  // [d_model] f32, bias?
  TensorView output, output_b;            // [n_vocab, d_model] (token_embedding when tied), bias?
  TensorView rope_freqs;             // [n_rot / 2] f32?: divides the frequencies (llama3 scaling)
  std::vector<LayerWeights> layers;  // [n_layer]

  bool tied_output() const { return output.data == token_embedding.data; }

  // kCorrupt: a tensor is missing or has the wrong shape. kUnsupported: its type has no kernel, a
  // norm or bias is not F32, or the file holds a tensor that this data flow would ignore. All by
  // name.
  static Result<Weights> bind(const gguf::File& file, const ModelConfig& config);
};

// Bytes of weights read for one decoded token (the embedding table counts one row).
uint64_t bytes_per_token(const gguf::File& file, const Weights& weights);

// Multiply-adds of one row: through all layers, and for its logits.
struct RowMacs {
  double layers = 0, logits = 0;
};
RowMacs row_macs(const Weights& weights);

}  // namespace samovar::model
