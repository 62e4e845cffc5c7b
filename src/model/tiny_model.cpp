#include "model/tiny_model.h"

#include "base/rng.h"
#include "gguf/writer.h"
#include "tensor/half.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>
#include <span>

#include <fmt/format.h>

namespace samovar::model {
namespace {

constexpr int64_t kVocab = 272;
constexpr int64_t kModelWidth = 256;
constexpr int64_t kInnerWidth = 512;

// What differs between variants; the fields follow make_tiny.py.
struct Variant {
  std::string_view name, arch;
  int64_t n_layer = 3, n_head = 4, n_head_kv = 2, d_head = 64, n_rot = 0;
  float eps = 1e-5F, rope_base = 0.0F;
  std::string_view scaling = {};
  float scaling_factor = 0.0F;
  uint32_t n_ctx_original = 0, window = 0;
  bool tied = false, qkv_bias = false, out_bias = false, fused_qkv = false, key_length = false;
  bool layer_norm = false, gemma3 = false, rope_freqs = false;
};

// clang-format off
constexpr Variant kVariants[] = {
  {.name = "llama", .arch = "llama", .rope_base = 1e4F},
  {.name = "llama3", .arch = "llama", .rope_base = 5e5F, .tied = true, .rope_freqs = true},
  {.name = "llama-linear", .arch = "llama", .eps = 1e-6F, .rope_base = 1e4F, .scaling = "linear", .scaling_factor = 4.0F},
  {.name = "llama-yarn", .arch = "llama", .rope_base = 1e4F, .scaling = "yarn", .scaling_factor = 4.0F, .n_ctx_original = 128},
  {.name = "llama-bias", .arch = "llama", .n_head_kv = 4, .rope_base = 1e4F, .qkv_bias = true, .out_bias = true},
  {.name = "mistral-nemo", .arch = "llama", .d_head = 32, .rope_base = 1e6F, .key_length = true},
  {.name = "qwen2", .arch = "qwen2", .eps = 1e-6F, .rope_base = 1e6F, .tied = true, .qkv_bias = true},
  {.name = "qwen2-untied", .arch = "qwen2", .n_layer = 2, .n_head_kv = 1, .eps = 1e-6F, .rope_base = 1e6F, .qkv_bias = true},
  {.name = "phi2", .arch = "phi2", .n_head_kv = 4, .n_rot = 24, .qkv_bias = true, .out_bias = true, .layer_norm = true},
  {.name = "phi2-fused", .arch = "phi2", .n_head_kv = 4, .n_rot = 24, .qkv_bias = true, .out_bias = true, .fused_qkv = true, .layer_norm = true},
  {.name = "gemma", .arch = "gemma", .n_head_kv = 1, .eps = 1e-6F, .tied = true, .key_length = true},
  {.name = "gemma3", .arch = "gemma3", .n_layer = 7, .n_head_kv = 1, .eps = 1e-6F, .rope_base = 1e6F, .window = 16, .tied = true, .key_length = true, .gemma3 = true},
  {.name = "gemma3-scaled", .arch = "gemma3", .n_layer = 6, .eps = 1e-6F, .rope_base = 1e6F, .scaling = "linear", .scaling_factor = 8.0F, .window = 16, .tied = true, .key_length = true, .gemma3 = true},
};
// clang-format on

// Base and scale of a tensor's values, by what it is.
struct Kind {
  float base, scale;
};
constexpr Kind kMatrix{0.0F, 0.125F}, kWideEmbedding{0.0F, 1.0F}, kNorm{1.0F, 0.25F};
constexpr Kind kNormBias{0.0F, 0.125F}, kBias{0.0F, 0.25F};

uint64_t name_hash(std::string_view name) {  // FNV-1a
  uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

std::vector<std::byte> as_bytes(std::span<const float> values) {
  std::vector<std::byte> bytes(values.size_bytes());
  std::memcpy(bytes.data(), values.data(), bytes.size());
  return bytes;
}

std::vector<std::byte> random_values(std::string_view name, int64_t n, Kind kind) {
  Rng rng(name_hash(name) + 0xD1342543DE82EF95U);  // seed 1
  std::vector<float> values(static_cast<size_t>(n));
  for (float& x : values) {
    const auto centred = static_cast<int64_t>(rng.next_u64() >> 40) - (int64_t{1} << 23);
    x = kind.base + kind.scale * (static_cast<float>(centred) / 8388608.0F);
  }
  return as_bytes(values);
}

class Maker {
 public:
  explicit Maker(const Variant& variant) : v_(variant) {}

  TinyModel make() {
    add_keys();
    add("token_embd.weight", kModelWidth, kVocab, v_.tied ? kMatrix : kWideEmbedding);
    add_norm("output_norm");
    if (!v_.tied) {
      add("output.weight", kModelWidth, kVocab, kMatrix);
      if (v_.layer_norm) add("output.bias", kVocab, 0, kBias);
    }
    if (v_.rope_freqs) add_rope_freqs();
    for (int64_t l = 0; l < v_.n_layer; ++l) add_layer(fmt::format("blk.{}.", l));
    return std::move(model_);
  }

 private:
  void key(std::string_view name, decltype(TinyKey::value) value) {
    model_.keys.push_back({fmt::format("{}.{}", v_.arch, name), std::move(value)});
  }
  void integer(std::string_view name, int64_t value) { key(name, static_cast<uint32_t>(value)); }

  void add_keys() {
    model_.keys.push_back({"general.architecture", std::string(v_.arch)});
    integer("vocab_size", kVocab);
    integer("context_length", 512);
    integer("embedding_length", kModelWidth);
    integer("block_count", v_.n_layer);
    integer("feed_forward_length", kInnerWidth);
    integer("attention.head_count", v_.n_head);
    integer("attention.head_count_kv", v_.n_head_kv);
    if (v_.key_length) integer("attention.key_length", v_.d_head);
    if (v_.key_length) integer("attention.value_length", v_.d_head);
    key(v_.layer_norm ? "attention.layer_norm_epsilon" : "attention.layer_norm_rms_epsilon",
        v_.eps);
    if (v_.n_rot > 0) integer("rope.dimension_count", v_.n_rot);
    if (v_.rope_base > 0.0F) key("rope.freq_base", v_.rope_base);
    if (!v_.scaling.empty()) key("rope.scaling.type", std::string(v_.scaling));
    if (!v_.scaling.empty()) key("rope.scaling.factor", v_.scaling_factor);
    if (v_.n_ctx_original > 0) integer("rope.scaling.original_context_length", v_.n_ctx_original);
    if (v_.window > 0) integer("attention.sliding_window", v_.window);
  }

  // d_out 0: a vector.
  void add(const std::string& name, int64_t d_in, int64_t d_out, Kind kind) {
    std::vector<int64_t> dims = {d_in};
    if (d_out > 0) dims.push_back(d_out);
    const int64_t n = d_in * std::max(d_out, int64_t{1});
    model_.tensors.push_back({name, DType::kF32, dims, random_values(name, n, kind)});
  }
  void add_norm(const std::string& name, int64_t n = kModelWidth) {
    add(name + ".weight", n, 0, kNorm);
    if (v_.layer_norm) add(name + ".bias", n, 0, kNormBias);
  }
  void add_linear(const std::string& name, int64_t d_out, int64_t d_in, bool bias) {
    add(name + ".weight", d_in, d_out, kMatrix);
    if (bias) add(name + ".bias", d_out, 0, kBias);
  }

  void add_layer(const std::string& p) {
    const int64_t n_q = v_.n_head * v_.d_head, n_kv = v_.n_head_kv * v_.d_head;
    add_norm(p + "attn_norm");
    if (v_.fused_qkv) {
      add_linear(p + "attn_qkv", n_q + 2 * n_kv, kModelWidth, v_.qkv_bias);
    } else {
      add_linear(p + "attn_q", n_q, kModelWidth, v_.qkv_bias);
      add_linear(p + "attn_k", n_kv, kModelWidth, v_.qkv_bias);
      add_linear(p + "attn_v", n_kv, kModelWidth, v_.qkv_bias);
    }
    add_linear(p + "attn_output", kModelWidth, n_q, v_.out_bias);
    if (v_.gemma3) {
      add_norm(p + "attn_q_norm", v_.d_head);
      add_norm(p + "attn_k_norm", v_.d_head);
      add_norm(p + "post_attention_norm");
      add_norm(p + "post_ffw_norm");
    }
    const bool phi2 = v_.layer_norm;
    if (!phi2) add_norm(p + "ffn_norm");
    if (!phi2) add_linear(p + "ffn_gate", kInnerWidth, kModelWidth, false);
    add_linear(p + "ffn_up", kInnerWidth, kModelWidth, phi2);
    add_linear(p + "ffn_down", kModelWidth, kInnerWidth, phi2);
  }

  // llama3 scaling: factor 32, low 1, high 4, original context 64; rounded to 1/4096.
  void add_rope_freqs() {
    std::vector<float> divisors;
    for (int64_t i = 0; i < v_.d_head; i += 2) {
      const double frequency =
          std::pow(5e5, -static_cast<double>(i) / static_cast<double>(v_.d_head));
      const double turns = 64.0 * frequency / (2.0 * std::numbers::pi);
      double divisor = 1.0;
      if (turns < 1.0) divisor = 32.0;
      if (turns >= 1.0 && turns <= 4.0) {
        const double smooth = (turns - 1.0) / 3.0;
        divisor = 1.0 / ((1.0 - smooth) / 32.0 + smooth);
      }
      divisors.push_back(static_cast<float>(std::nearbyint(divisor * 4096.0) / 4096.0));
    }
    model_.tensors.push_back(
        {"rope_freqs.weight", DType::kF32, {v_.d_head / 2}, as_bytes(divisors)});
  }

  const Variant& v_;
  TinyModel model_;
};

}  // namespace

std::vector<std::string> tiny_variants() {
  std::vector<std::string> names;
  for (const Variant& variant : kVariants) names.emplace_back(variant.name);
  return names;
}

TinyModel tiny_model(std::string_view name) {
  const auto* variant = std::find_if(std::begin(kVariants), std::end(kVariants),
                                     [&](const Variant& v) { return v.name == name; });
  SAMOVAR_CHECK(variant != std::end(kVariants));
  return Maker(*variant).make();
}

void TinyModel::set(std::string_view key, decltype(TinyKey::value) value) {
  erase_key(key);
  keys.push_back({std::string(key), std::move(value)});
}

void TinyModel::erase_key(std::string_view key) {
  std::erase_if(keys, [&](const TinyKey& k) { return k.name == key; });
}

TinyTensor& TinyModel::tensor(std::string_view name) {
  const auto it = std::find_if(tensors.begin(), tensors.end(),
                               [&](const TinyTensor& t) { return t.name == name; });
  SAMOVAR_CHECK(it != tensors.end());
  return *it;
}

std::vector<std::byte> TinyModel::build() const {
  gguf::Writer writer;
  for (const TinyKey& key : keys) {
    if (const auto* array = std::get_if<std::vector<int32_t>>(&key.value)) {
      writer.add_array(key.name, std::span<const int32_t>(*array));
    } else if (const auto* texts = std::get_if<std::vector<std::string>>(&key.value)) {
      const std::vector<std::string_view> views(texts->begin(), texts->end());
      writer.add_array(key.name, std::span<const std::string_view>(views));
    } else if (const auto* text = std::get_if<std::string>(&key.value)) {
      writer.add(key.name, std::string_view(*text));
    } else if (const auto* number = std::get_if<float>(&key.value)) {
      writer.add(key.name, *number);
    } else if (const auto* flag = std::get_if<bool>(&key.value)) {
      writer.add(key.name, *flag);
    } else {
      writer.add(key.name, std::get<uint32_t>(key.value));
    }
  }
  for (const TinyTensor& t : tensors) writer.add_tensor(t.name, t.dtype, t.dims);
  const std::string head = writer.metadata();
  std::vector<std::byte> bytes(head.size());
  std::memcpy(bytes.data(), head.data(), head.size());
  for (const TinyTensor& t : tensors) {
    bytes.insert(bytes.end(), t.data.begin(), t.data.end());
    bytes.resize((bytes.size() + 31) / 32 * 32);
  }
  return bytes;
}

LoadedModel load(const TinyModel& tiny) {
  std::vector<std::byte> bytes = tiny.build();
  auto file = gguf::File::parse(bytes);
  SAMOVAR_CHECK(file.ok());
  auto model = Model::load(*file);
  SAMOVAR_CHECK(model.ok());
  return {std::move(bytes), *std::move(file), *std::move(model)};
}

}  // namespace samovar::model
