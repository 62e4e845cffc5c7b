// ModelConfig: what a GGUF file says about its network, as data.
//
// Parsed once, validated once. Nothing outside model/arch/ asks "which model is this": behaviour is
// read from these fields. Names of dimensions: docs/glossary.md. Thread: plain values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "gguf/file.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace samovar::model {

enum class NormKind : uint8_t { kRms, kLayer };
enum class Activation : uint8_t { kSilu, kGelu };  // gelu: tanh form
enum class RopeKind : uint8_t { kNone, kNorm, kNeox };
enum class RopeScaling : uint8_t {
  kNone,
  kLinear,
  kYarn
};  // llama3 scaling comes as rope_freqs.weight

// What stands for a whole text among the final states of its tokens.
enum class Pooling : uint8_t { kNone, kMean, kCls, kLast };  // all of them, mean, first, last

struct RopeConfig {
  RopeKind kind = RopeKind::kNorm;
  int64_t n_rot = 0;  // rotated elements of a head, even
  float freq_base = 10000.0F;
  float freq_base_swa = 10000.0F;  // of layers with a sliding window
  RopeScaling scaling = RopeScaling::kNone;
  float scaling_factor = 1.0F;      // positions are divided by it; yarn: >= 1
  float scaling_factor_swa = 1.0F;  // of layers with a sliding window
  int64_t n_ctx_original = 0;       // yarn
  float yarn_ext_factor = 0.0F, yarn_attn_factor = 1.0F, yarn_beta_fast = 32.0F,
        yarn_beta_slow = 1.0F;
};

struct ModelConfig {
  std::string arch;  // general.architecture
  std::string name;  // general.name; may be empty
  int64_t n_layer = 0;
  int64_t n_head = 0;
  int64_t n_head_kv = 0;
  int64_t d_model = 0;
  int64_t d_head_k = 0;
  int64_t d_head_v = 0;
  int64_t d_ff = 0;
  int64_t n_vocab = 0;
  int64_t n_ctx_train = 0;

  NormKind norm = NormKind::kRms;
  float norm_eps = 1e-5F;
  Activation activation = Activation::kSilu;
  bool gated_ffn = true;           // down(act(gate x) * up x), else down(act(up x))
  bool parallel_residual = false;  // attention and ffn both read the same normed input (phi2)
  bool post_norms = false;         // norms behind attention and ffn, before the residual (gemma3)
  bool qk_norm = false;            // rms norm of each q and k head before rope
  bool may_tie_output = true;      // an absent output matrix is the token embedding
  RopeConfig rope;
  float embedding_scale = 1.0F;    // multiplies token embeddings
  float attention_scale = 0.0F;    // multiplies q
  float attention_softcap = 0.0F;  // 0: none
  float logit_softcap = 0.0F;      // 0: none
  std::vector<int32_t> window;     // [n_layer] tokens a layer sees; 0: all of them
  std::optional<Pooling> pooling;  // nothing: the file does not say

  int64_t largest_window() const;  // 0: no layer has one
  int64_t n_windowed_layers() const;

  // kUnsupported names an architecture that samovar does not run (and the ones it does); kCorrupt
  // names the key, its value and the range.
  static Result<ModelConfig> from_gguf(const gguf::File& file);
};

}  // namespace samovar::model
