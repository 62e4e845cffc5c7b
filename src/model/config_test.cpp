#include "model/config.h"

#include "model/tiny_model.h"

#include <cmath>

#include <doctest/doctest.h>

namespace samovar::model {
namespace {

using KeyValue = decltype(TinyKey::value);

// A config is read from keys alone.
Result<ModelConfig> config_of(TinyModel tiny) {
  tiny.tensors.clear();
  const std::vector<std::byte> bytes = tiny.build();
  const auto file = gguf::File::parse(bytes);
  REQUIRE(file.ok());
  return ModelConfig::from_gguf(*file);
}

TEST_CASE("a llama file's keys become its config") {
  TinyModel tiny = tiny_model("mistral-nemo");
  tiny.set("general.name", "Tiny");
  const ModelConfig c = *config_of(tiny);
  CHECK(c.arch == "llama");
  CHECK(c.name == "Tiny");
  CHECK(c.n_layer == 3);
  CHECK(c.d_model == 256);
  CHECK(c.d_head_k == 32);
  CHECK(c.n_head * c.d_head_v == 128);
  CHECK(c.rope.freq_base == 1e6F);
  CHECK(c.rope.n_rot == 32);
  CHECK(c.rope.scaling == RopeScaling::kNone);
  CHECK(c.attention_scale == 1.0F / std::sqrt(32.0F));
}

TEST_CASE("keys that files of 2023 lack have the defaults of docs/formats/gguf-keys.md") {
  TinyModel tiny = tiny_model("llama-bias");
  tiny.erase_key("llama.attention.head_count_kv");
  tiny.erase_key("llama.rope.freq_base");
  const ModelConfig c = *config_of(tiny);
  CHECK(c.n_head_kv == 4);
  CHECK(c.d_head_k == 64);
  CHECK(c.rope.freq_base == 10000.0F);
  CHECK(c.rope.n_rot == 64);
  CHECK(c.rope.n_ctx_original == 512);
  CHECK(c.name.empty());

  tiny.set("llama.rope.scale_linear", 2.0F);
  CHECK(config_of(tiny)->rope.scaling_factor == 2.0F);
  CHECK(config_of(tiny)->rope.scaling == RopeScaling::kLinear);
  tiny.set("llama.rope.scaling.factor", 0.0F);
  CHECK(config_of(tiny)->rope.scaling == RopeScaling::kNone);
}

TEST_CASE("a file's pooling is one of ours, or is left open") {
  TinyModel tiny = tiny_model("llama");
  CHECK_FALSE(config_of(tiny)->pooling.has_value());
  tiny.set("llama.pooling_type", uint32_t{3});
  CHECK(config_of(tiny)->pooling == Pooling::kLast);
  tiny.set("llama.pooling_type", uint32_t{4});
  CHECK_FALSE(config_of(tiny)->pooling.has_value());
  tiny.set("llama.pooling_type", uint32_t{5});
  CHECK(config_of(tiny).status().message().find("llama.pooling_type") != std::string::npos);
}

TEST_CASE("gemma3 has windows on five layers of six, and a scaled rope on the others") {
  const ModelConfig c = *config_of(tiny_model("gemma3-scaled"));
  CHECK(c.window == std::vector<int32_t>{16, 16, 16, 16, 16, 0});
  CHECK(c.rope.scaling_factor == 8.0F);
  CHECK(c.rope.scaling_factor_swa == 1.0F);
  CHECK(c.rope.freq_base_swa == 10000.0F);
  CHECK(c.embedding_scale == 16.0F);
  CHECK(c.attention_scale == 0.125F);

  TinyModel tiny = tiny_model("gemma3-scaled");
  tiny.set("gemma3.attention.sliding_window_pattern", std::vector<int32_t>{1, 0, 0, 1, 0, 0});
  CHECK(config_of(tiny)->window == std::vector<int32_t>{16, 0, 0, 16, 0, 0});
  tiny.set("gemma3.attention.sliding_window_pattern", uint32_t{2});
  CHECK(config_of(tiny)->window == std::vector<int32_t>{16, 0, 16, 0, 16, 0});
  tiny.erase_key("gemma3.attention.sliding_window");
  CHECK(config_of(tiny)->window == std::vector<int32_t>{0, 0, 0, 0, 0, 0});
  // The 27B model is known by its 62 layers.
  tiny.set("gemma3.block_count", uint32_t{62});
  tiny.set("gemma3.embedding_length", uint32_t{1024});
  CHECK(config_of(tiny)->attention_scale == 0.0625F);
}

TEST_CASE("a key that is missing, out of range or of the wrong type is named") {
  struct Case {
    std::string_view key;
    KeyValue value;
    Code code = Code::kCorrupt;
  };
  const Case cases[] = {
      {"llama.block_count", uint32_t{0}},
      {"llama.block_count", uint32_t{1025}},
      {"llama.block_count", 3.0F},
      {"llama.embedding_length", uint32_t{0}},
      {"llama.embedding_length", uint32_t{1 << 21}},
      {"llama.feed_forward_length", uint32_t{0}},
      {"llama.feed_forward_length", std::vector<int32_t>{1, 2, 3}},
      {"llama.context_length", uint32_t{0}},
      {"llama.context_length", UINT32_MAX},
      {"llama.attention.head_count", uint32_t{0}},
      {"llama.attention.head_count", uint32_t{4097}},
      {"llama.attention.head_count_kv", uint32_t{0}},
      {"llama.attention.head_count_kv", uint32_t{3}},
      {"llama.attention.head_count_kv", uint32_t{8}},
      {"llama.attention.key_length", uint32_t{0}},
      {"llama.attention.key_length", uint32_t{1 << 20}},
      {"llama.attention.layer_norm_rms_epsilon", 0.0F},
      {"llama.attention.layer_norm_rms_epsilon", -1.0F},
      {"llama.attention.layer_norm_rms_epsilon", NAN},
      {"llama.attention.layer_norm_rms_epsilon", INFINITY},
      {"llama.attention.layer_norm_rms_epsilon", "small"},
      {"llama.rope.dimension_count", uint32_t{0}},
      {"llama.rope.dimension_count", uint32_t{63}},
      {"llama.rope.dimension_count", uint32_t{66}},
      {"llama.rope.freq_base", 0.0F},
      {"llama.rope.freq_base", NAN},
      {"llama.rope.freq_base", INFINITY},
      {"llama.rope.scaling.factor", 1e-4F},
      {"llama.rope.scaling.factor", 1e7F},
      {"llama.rope.scaling.factor", -4.0F},
      {"llama.rope.scaling.factor", NAN},
      {"llama.rope.scaling.original_context_length", uint32_t{0}},
      {"llama.vocab_size", uint32_t{0}},
      {"llama.vocab_size", UINT32_MAX},
      {"llama.expert_count", uint32_t{8}, Code::kUnsupported},
      {"general.architecture", "mamba", Code::kUnsupported},
      {"general.architecture", uint32_t{1}},
  };
  for (const Case& c : cases) {
    TinyModel tiny = tiny_model("llama");
    tiny.set(c.key, c.value);
    const auto config = config_of(tiny);
    CAPTURE(c.key);
    CAPTURE(config.status().message());
    CHECK(config.status().code() == c.code);
    CHECK(config.status().message().find(c.key) != std::string_view::npos);
  }
}

TEST_CASE("a scaling that samovar does not know is unsupported, by name") {
  TinyModel tiny = tiny_model("llama-yarn");
  tiny.set("llama.rope.scaling.type", "longrope");
  const auto config = config_of(tiny);
  CHECK(config.status().code() == Code::kUnsupported);
  CHECK(config.status().message().find("longrope") != std::string_view::npos);
}

TEST_CASE("required keys are missed by name") {
  for (const std::string_view key :
       {"llama.block_count", "llama.embedding_length", "llama.feed_forward_length",
        "llama.context_length", "llama.attention.head_count", "llama.vocab_size",
        "llama.attention.layer_norm_rms_epsilon", "general.architecture"}) {
    TinyModel tiny = tiny_model("llama");
    tiny.erase_key(key);
    const auto config = config_of(tiny);
    CAPTURE(key);
    CHECK(config.status().code() == Code::kCorrupt);
    CHECK(config.status().message().find(key) != std::string_view::npos);
  }
}

TEST_CASE("broken gemma3 keys are named") {
  TinyModel tiny = tiny_model("gemma3");
  tiny.set("gemma3.attention.sliding_window_pattern", std::vector<int32_t>{1, 0});
  CHECK(config_of(tiny).status().code() == Code::kCorrupt);
  tiny.set("gemma3.attention.sliding_window_pattern", uint32_t{0});
  CHECK(config_of(tiny).status().code() == Code::kCorrupt);
  tiny = tiny_model("gemma3");
  tiny.set("gemma3.rope.freq_base_swa", 0.0F);
  CHECK(config_of(tiny).status().code() == Code::kCorrupt);
  tiny = tiny_model("gemma3");
  tiny.set("gemma3.final_logit_softcapping", -30.0F);
  CHECK(config_of(tiny).status().code() == Code::kCorrupt);
}

TEST_CASE("gemma3 may cap its logits, but not yet its attention") {
  TinyModel tiny = tiny_model("gemma3");
  CHECK(config_of(tiny)->logit_softcap == 0.0F);
  tiny.set("gemma3.final_logit_softcapping", 30.0F);
  CHECK(config_of(tiny)->logit_softcap == 30.0F);
  tiny.set("gemma3.attn_logit_softcapping", 0.0F);
  CHECK(config_of(tiny).ok());
  tiny.set("gemma3.attn_logit_softcapping", 50.0F);
  const auto config = config_of(tiny);
  CHECK(config.status().code() == Code::kUnsupported);
  CHECK(config.status().message().find("gemma3.attn_logit_softcapping") != std::string_view::npos);
}

TEST_CASE("a model whose attention looks in both directions is unsupported, by name") {
  TinyModel tiny = tiny_model("llama");
  tiny.set("llama.attention.causal", true);
  CHECK(config_of(tiny).ok());
  tiny.set("llama.attention.causal", false);
  const auto config = config_of(tiny);
  CHECK(config.status().code() == Code::kUnsupported);
  CHECK(config.status().message().find("llama.attention.causal") != std::string_view::npos);
}

TEST_CASE("a linear rope factor may stretch positions, YaRN's may not") {
  TinyModel tiny = tiny_model("llama-linear");
  tiny.set("llama.rope.scaling.factor", 0.5F);
  CHECK(config_of(tiny)->rope.scaling_factor == 0.5F);
  tiny = tiny_model("llama-yarn");
  tiny.set("llama.rope.scaling.factor", 0.5F);
  const auto config = config_of(tiny);
  CHECK(config.status().code() == Code::kCorrupt);
  CHECK(config.status().message().find("llama.rope.scaling.factor") != std::string_view::npos);
}

}  // namespace
}  // namespace samovar::model
