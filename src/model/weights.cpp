#include "model/weights.h"

#include <set>
#include <string>
#include <string_view>

#include <fmt/format.h>

namespace samovar::model {
namespace {

enum class Need { kRequired, kOptional };

// Looks tensors up and checks them. After the first failure it keeps that status and hands out
// absent views, so that binding reads as a table.
class Binder {
 public:
  explicit Binder(const gguf::File& file) : file_(file) {}

  TensorView matrix(const std::string& name, int64_t d_out, int64_t d_in,
                    Need need = Need::kRequired) {
    return bind(name, d_in, d_out, need);
  }
  // Norms and biases enter the arithmetic as they are: F32 only.
  TensorView vector(const std::string& name, int64_t n, Need need = Need::kOptional) {
    const TensorView view = bind(name, n, 1, need);
    if (view.present() && view.dtype != DType::kF32) {
      fail(unsupported(fmt::format("tensor {}: norms and biases must be F32, found {}", name,
                                   traits(view.dtype).name)));
    }
    return view;
  }
  bool has(const std::string& name) const { return file_.find_tensor(name) != nullptr; }

  // The first failure; otherwise complains about a tensor that nobody asked for.
  Status finish(std::string_view arch) const {
    if (!status_.ok()) return status_;
    for (const gguf::Tensor& tensor : file_.tensors()) {
      if (!bound_.contains(tensor.name)) {
        return unsupported(fmt::format("tensor {}: not part of the {} models that samovar runs",
                                       tensor.name, arch));
      }
    }
    return {};
  }

 private:
  TensorView bind(const std::string& name, int64_t cols, int64_t rows, Need need) {
    const gguf::Tensor* tensor = file_.find_tensor(name);
    if (tensor == nullptr) {
      if (need == Need::kRequired) fail(corrupt(fmt::format("tensor {} is missing", name)));
      return {};
    }
    bound_.insert(tensor->name);
    const auto& dims = tensor->view.dims;
    if (dims[0] != cols || dims[1] != rows || dims[2] != 1 || dims[3] != 1) {
      fail(corrupt(fmt::format("tensor {}: expected {} x {} elements, found {} x {} x {} x {}",
                               name, cols, rows, dims[0], dims[1], dims[2], dims[3])));
      return {};
    }
    if (!dtype_from_id(tensor->type_id)) {
      const std::string_view type = dtype_name_of_id(tensor->type_id);
      fail(unsupported(fmt::format("tensor {}: no kernel for type {} ({})", name, tensor->type_id,
                                   type.empty() ? "unknown" : type)));
      return {};
    }
    return tensor->view;
  }
  void fail(Status status) {
    if (status_.ok()) status_ = std::move(status);
  }

  const gguf::File& file_;
  std::set<std::string_view> bound_;
  Status status_;
};

TensorView row_range(const TensorView& whole, int64_t begin, int64_t n_rows) {
  TensorView part = whole;
  if (!whole.present()) return part;
  part.dims[1] = n_rows;
  part.data = whole.row(begin);
  return part;
}

TensorView element_range(const TensorView& whole, int64_t begin, int64_t n) {
  TensorView part = whole;
  if (!whole.present()) return part;
  part.dims[0] = n;
  part.row_bytes = static_cast<size_t>(n) * sizeof(float);
  part.data = whole.data + static_cast<size_t>(begin) * sizeof(float);
  return part;
}

void bind_qkv(Binder& binder, const ModelConfig& c, const std::string& prefix, LayerWeights& w) {
  const int64_t n_q = c.n_head * c.d_head_k;
  const int64_t n_k = c.n_head_kv * c.d_head_k;
  const int64_t n_v = c.n_head_kv * c.d_head_v;
  if (binder.has(prefix + "attn_qkv.weight")) {
    const TensorView fused = binder.matrix(prefix + "attn_qkv.weight", n_q + n_k + n_v, c.d_model);
    w.wq = row_range(fused, 0, n_q);
    w.wk = row_range(fused, n_q, n_k);
    w.wv = row_range(fused, n_q + n_k, n_v);
  } else {
    w.wq = binder.matrix(prefix + "attn_q.weight", n_q, c.d_model);
    w.wk = binder.matrix(prefix + "attn_k.weight", n_k, c.d_model);
    w.wv = binder.matrix(prefix + "attn_v.weight", n_v, c.d_model);
  }
  if (binder.has(prefix + "attn_qkv.bias")) {
    const TensorView fused = binder.vector(prefix + "attn_qkv.bias", n_q + n_k + n_v);
    w.bq = element_range(fused, 0, n_q);
    w.bk = element_range(fused, n_q, n_k);
    w.bv = element_range(fused, n_q + n_k, n_v);
  } else {
    w.bq = binder.vector(prefix + "attn_q.bias", n_q);
    w.bk = binder.vector(prefix + "attn_k.bias", n_k);
    w.bv = binder.vector(prefix + "attn_v.bias", n_v);
  }
}

void bind_attention(Binder& binder, const ModelConfig& c, const std::string& prefix,
                    LayerWeights& w) {
  w.attn_norm = binder.vector(prefix + "attn_norm.weight", c.d_model, Need::kRequired);
  if (c.norm == NormKind::kLayer)
    w.attn_norm_b = binder.vector(prefix + "attn_norm.bias", c.d_model);
  bind_qkv(binder, c, prefix, w);
  if (c.qk_norm) {
    w.q_norm = binder.vector(prefix + "attn_q_norm.weight", c.d_head_k, Need::kRequired);
    w.k_norm = binder.vector(prefix + "attn_k_norm.weight", c.d_head_k, Need::kRequired);
  }
  w.wo = binder.matrix(prefix + "attn_output.weight", c.d_model, c.n_head * c.d_head_v);
  w.bo = binder.vector(prefix + "attn_output.bias", c.d_model);
  if (c.post_norms) {
    w.post_attn_norm =
        binder.vector(prefix + "post_attention_norm.weight", c.d_model, Need::kRequired);
  }
}

void bind_ffn(Binder& binder, const ModelConfig& c, const std::string& prefix, LayerWeights& w) {
  if (!c.parallel_residual) {
    w.ffn_norm = binder.vector(prefix + "ffn_norm.weight", c.d_model, Need::kRequired);
    if (c.norm == NormKind::kLayer)
      w.ffn_norm_b = binder.vector(prefix + "ffn_norm.bias", c.d_model);
  }
  if (c.gated_ffn) {
    w.w_gate = binder.matrix(prefix + "ffn_gate.weight", c.d_ff, c.d_model);
    w.b_gate = binder.vector(prefix + "ffn_gate.bias", c.d_ff);
  }
  w.w_up = binder.matrix(prefix + "ffn_up.weight", c.d_ff, c.d_model);
  w.b_up = binder.vector(prefix + "ffn_up.bias", c.d_ff);
  w.w_down = binder.matrix(prefix + "ffn_down.weight", c.d_model, c.d_ff);
  w.b_down = binder.vector(prefix + "ffn_down.bias", c.d_model);
  if (c.post_norms) {
    w.post_ffn_norm = binder.vector(prefix + "post_ffw_norm.weight", c.d_model, Need::kRequired);
  }
}

}  // namespace

Result<Weights> Weights::bind(const gguf::File& file, const ModelConfig& c) {
  Binder binder(file);
  Weights w;
  w.token_embedding = binder.matrix("token_embd.weight", c.n_vocab, c.d_model);
  w.output_norm = binder.vector("output_norm.weight", c.d_model, Need::kRequired);
  if (c.norm == NormKind::kLayer) w.output_norm_b = binder.vector("output_norm.bias", c.d_model);
  w.output = binder.matrix("output.weight", c.n_vocab, c.d_model,
                           c.may_tie_output ? Need::kOptional : Need::kRequired);
  if (!w.output.present()) w.output = w.token_embedding;
  w.output_b = binder.vector("output.bias", c.n_vocab);
  w.rope_freqs = binder.vector("rope_freqs.weight", c.rope.n_rot / 2);
  w.layers.resize(static_cast<size_t>(c.n_layer));
  for (size_t l = 0; l < w.layers.size(); ++l) {
    const std::string prefix = fmt::format("blk.{}.", l);
    bind_attention(binder, c, prefix, w.layers[l]);
    bind_ffn(binder, c, prefix, w.layers[l]);
  }
  SAMOVAR_TRY(binder.finish(c.arch));
  return w;
}

uint64_t bytes_per_token(const gguf::File& file, const Weights& weights) {
  const TensorView& embedding = weights.token_embedding;
  uint64_t bytes = embedding.row_bytes;
  for (const gguf::Tensor& tensor : file.tensors()) bytes += tensor.size_bytes;
  if (weights.tied_output()) return bytes;
  return bytes - embedding.row_bytes * static_cast<uint64_t>(embedding.rows());
}

RowMacs row_macs(const Weights& weights) {
  const auto elements = [](const TensorView& matrix) {
    return matrix.present() ? static_cast<double>(matrix.rows() * matrix.cols()) : 0.0;
  };
  RowMacs macs{.layers = 0, .logits = elements(weights.output)};
  for (const LayerWeights& layer : weights.layers) {
    for (const TensorView* matrix :
         {&layer.wq, &layer.wk, &layer.wv, &layer.wo, &layer.w_gate, &layer.w_up, &layer.w_down}) {
      macs.layers += elements(*matrix);
    }
  }
  return macs;
}

}  // namespace samovar::model
