#include "model/config.h"

#include "model/arch/arch.h"

#include <algorithm>
#include <cmath>
#include <string_view>

#include <fmt/format.h>

namespace samovar::model {
namespace {

// Ranges far beyond any model, small enough that products of three of them fit in 63 bits.
constexpr int64_t kMaxLayers = 1024;
constexpr int64_t kMaxHeads = 4096;
constexpr int64_t kMaxWidth = int64_t{1} << 20;
constexpr int64_t kMaxHeadWidth = 4096;
constexpr int64_t kMaxVocab = int64_t{1} << 24;

// Reads "ARCH.name" keys; each failure names the whole key. BORROWS the file.
class ArchKeys {
 public:
  ArchKeys(const gguf::File& file, std::string_view arch) : file_(file), prefix_(arch) {
    prefix_ += '.';
  }

  std::string key(std::string_view name) const { return prefix_ + std::string(name); }
  bool has(std::string_view name) const { return file_.find(key(name)) != nullptr; }
  Result<int64_t> integer(std::string_view name, int64_t max) const {
    return file_.get_int(key(name), 1, max);
  }
  Result<int64_t> integer(std::string_view name, int64_t max, int64_t fallback) const {
    return file_.get_int(key(name), 1, max, fallback);
  }
  // A number in (min, max].
  Result<float> number(std::string_view name, double min, double max, double fallback) const {
    SAMOVAR_ASSIGN(const double value, file_.get_float(key(name), fallback));
    if (!(value > min && value <= max)) {
      return corrupt(
          fmt::format("{}: {} is not above {} and at most {}", key(name), value, min, max));
    }
    return static_cast<float>(value);
  }

 private:
  const gguf::File& file_;
  std::string prefix_;
};

Result<int64_t> read_n_vocab(const gguf::File& file, const ArchKeys& keys) {
  if (const gguf::Value* tokens = file.find("tokenizer.ggml.tokens"); tokens != nullptr) {
    if (!tokens->is_array() || tokens->size() == 0 || tokens->size() > uint64_t{kMaxVocab}) {
      return corrupt(
          fmt::format("tokenizer.ggml.tokens: expected an array of 1..{} tokens, found {}",
                      kMaxVocab, tokens->size()));
    }
    return static_cast<int64_t>(tokens->size());
  }
  return keys.integer("vocab_size", kMaxVocab);
}

Status read_dimensions(const gguf::File& file, const ArchKeys& keys, ModelConfig& c) {
  SAMOVAR_ASSIGN(c.n_layer, keys.integer("block_count", kMaxLayers));
  SAMOVAR_ASSIGN(c.d_model, keys.integer("embedding_length", kMaxWidth));
  SAMOVAR_ASSIGN(c.d_ff, keys.integer("feed_forward_length", kMaxWidth));
  SAMOVAR_ASSIGN(c.n_ctx_train, keys.integer("context_length", INT32_MAX));
  SAMOVAR_ASSIGN(c.n_head, keys.integer("attention.head_count", kMaxHeads));
  SAMOVAR_ASSIGN(c.n_head_kv, keys.integer("attention.head_count_kv", kMaxHeads, c.n_head));
  SAMOVAR_ASSIGN(c.n_vocab, read_n_vocab(file, keys));
  if (c.n_head % c.n_head_kv != 0) {
    return corrupt(fmt::format("{}: {} does not divide the {} heads of {}",
                               keys.key("attention.head_count_kv"), c.n_head_kv, c.n_head,
                               keys.key("attention.head_count")));
  }
  const bool names_head_sizes =
      keys.has("attention.key_length") && keys.has("attention.value_length");
  if (!names_head_sizes && c.d_model % c.n_head != 0) {
    return corrupt(fmt::format("{}: {} heads do not divide {} ({})",
                               keys.key("attention.head_count"), c.n_head,
                               keys.key("embedding_length"), c.d_model));
  }
  const int64_t d_head = c.d_model / c.n_head;
  SAMOVAR_ASSIGN(c.d_head_k, keys.integer("attention.key_length", kMaxHeadWidth, d_head));
  SAMOVAR_ASSIGN(c.d_head_v, keys.integer("attention.value_length", kMaxHeadWidth, d_head));
  c.window.assign(static_cast<size_t>(c.n_layer), 0);
  c.attention_scale = 1.0F / std::sqrt(static_cast<float>(c.d_head_k));
  return {};
}

Status read_norm(const ArchKeys& keys, ModelConfig& c) {
  const std::string_view name = c.norm == NormKind::kRms ? "attention.layer_norm_rms_epsilon"
                                                         : "attention.layer_norm_epsilon";
  if (!keys.has(name)) return corrupt(fmt::format("{} is missing", keys.key(name)));
  SAMOVAR_ASSIGN(c.norm_eps, keys.number(name, 0.0, 1.0, 0.0));
  return {};
}

Status read_rope_scaling(const gguf::File& file, const ArchKeys& keys, RopeConfig& rope) {
  SAMOVAR_ASSIGN(const auto type, file.get_string(keys.key("rope.scaling.type"), "linear"));
  // Files of 2023 name the linear factor rope.scale_linear; 0 stands for "not scaled".
  const std::string_view name =
      keys.has("rope.scaling.factor") ? "rope.scaling.factor" : "rope.scale_linear";
  SAMOVAR_ASSIGN(const double factor, file.get_float(keys.key(name), 0.0));
  if (type == "none" || factor == 0.0) return {};
  const bool yarn = type == "yarn";
  if (!yarn && type != "linear") {
    return unsupported(fmt::format("{}: \"{}\" is not one of none, linear, yarn",
                                   keys.key("rope.scaling.type"), type));
  }
  const double least = yarn ? 1.0 : 1e-3;
  if (!(factor >= least && factor <= 1e6)) {
    return corrupt(fmt::format("{}: {} is not in {}..1e6", keys.key(name), factor, least));
  }
  rope.scaling = yarn ? RopeScaling::kYarn : RopeScaling::kLinear;
  rope.scaling_factor = static_cast<float>(factor);
  SAMOVAR_ASSIGN(rope.yarn_attn_factor, keys.number("rope.scaling.attn_factor", 0.0, 1e3, 1.0));
  return {};
}

Status read_rope(const gguf::File& file, const ArchKeys& keys, ModelConfig& c) {
  RopeConfig& rope = c.rope;
  SAMOVAR_ASSIGN(rope.n_rot, keys.integer("rope.dimension_count", c.d_head_k, c.d_head_k));
  if (rope.n_rot % 2 != 0) {
    return corrupt(fmt::format("{}: {} is not even", keys.key("rope.dimension_count"), rope.n_rot));
  }
  SAMOVAR_ASSIGN(rope.freq_base, keys.number("rope.freq_base", 1.0, 1e12, 10000.0));
  SAMOVAR_ASSIGN(rope.n_ctx_original,
                 keys.integer("rope.scaling.original_context_length", INT32_MAX, c.n_ctx_train));
  return read_rope_scaling(file, keys, rope);
}

// Ids of the GGUF specification; -1 says nothing, and 4 means a ranking, not a vector.
Status read_pooling(const gguf::File& file, const ArchKeys& keys, ModelConfig& c) {
  SAMOVAR_ASSIGN(const int64_t id, file.get_int(keys.key("pooling_type"), -1, 4, -1));
  if (id >= 0 && id <= static_cast<int64_t>(Pooling::kLast)) c.pooling = static_cast<Pooling>(id);
  return {};
}

// Ignoring these keys would give wrong text or wrong vectors.
Status refuse_other_networks(const gguf::File& file, const ArchKeys& keys) {
  const std::string experts = keys.key("expert_count");
  SAMOVAR_ASSIGN(const int64_t n_expert, file.get_int(experts, 0, 65536, 0));
  if (n_expert > 0) {
    return unsupported(
        fmt::format("{}: mixtures of experts ({} here) do not run yet", experts, n_expert));
  }
  const std::string causal = keys.key("attention.causal");
  SAMOVAR_ASSIGN(const bool is_causal, file.get_bool(causal, true));
  if (!is_causal) {
    return unsupported(fmt::format(
        "{}: attention in both directions (false here, as in embedding models) does not run yet",
        causal));
  }
  return {};
}

void apply_traits(const ArchTraits& arch, ModelConfig& c) {
  c.norm = arch.norm;
  c.activation = arch.activation;
  c.rope.kind = arch.rope;
  c.gated_ffn = arch.gated_ffn;
  c.parallel_residual = arch.parallel_residual;
  c.post_norms = arch.post_norms;
  c.qk_norm = arch.qk_norm;
  c.may_tie_output = arch.may_tie_output;
}

}  // namespace

int64_t ModelConfig::largest_window() const {
  return window.empty() ? 0 : *std::max_element(window.begin(), window.end());
}

int64_t ModelConfig::n_windowed_layers() const {
  return std::count_if(window.begin(), window.end(), [](int32_t tokens) { return tokens > 0; });
}

Result<ModelConfig> ModelConfig::from_gguf(const gguf::File& file) {
  ModelConfig c;
  SAMOVAR_ASSIGN(const auto arch_name, file.get_string("general.architecture"));
  SAMOVAR_ASSIGN(const auto name, file.get_string("general.name", ""));
  c.arch = arch_name;
  c.name = name;
  const ArchTraits* arch = find_arch(arch_name);
  if (arch == nullptr) {
    return unsupported(
        fmt::format("general.architecture: \"{}\" is not one of those samovar runs: {}", arch_name,
                    arch_names()));
  }
  const ArchKeys keys(file, arch_name);
  SAMOVAR_TRY(refuse_other_networks(file, keys));
  apply_traits(*arch, c);
  SAMOVAR_TRY(read_dimensions(file, keys, c));
  SAMOVAR_TRY(read_norm(keys, c));
  SAMOVAR_TRY(read_rope(file, keys, c));
  SAMOVAR_TRY(read_pooling(file, keys, c));
  if (arch->scales_embedding) c.embedding_scale = std::sqrt(static_cast<float>(c.d_model));
  if (arch->refine != nullptr) SAMOVAR_TRY(arch->refine(file, c));
  return c;
}

}  // namespace samovar::model
