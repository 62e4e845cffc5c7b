#include "model/weights.h"

#include "model/tiny_model.h"

#include <algorithm>

#include <doctest/doctest.h>

namespace samovar::model {
namespace {

Result<Model> load_model(const TinyModel& tiny) {
  const std::vector<std::byte> bytes = tiny.build();
  const auto file = gguf::File::parse(bytes);
  REQUIRE(file.ok());
  return Model::load(*file);
}

std::string refusal(const TinyModel& tiny, Code code) {
  const auto model = load_model(tiny);
  CHECK(model.status().code() == code);
  return std::string(model.status().message());
}

TEST_CASE("fused q, k and v are row ranges of one tensor") {
  const LoadedModel loaded = load(tiny_model("phi2-fused"));
  const LayerWeights& w = loaded.model.weights().layers[0];
  CHECK(w.wq.rows() == 256);
  CHECK(w.wk.rows() == 256);
  CHECK(w.wk.data == w.wq.row(256));
  CHECK(w.wv.data == w.wk.row(256));
  CHECK(w.bv.f32() == w.bq.f32() + 512);
}

TEST_CASE("an absent output matrix is the token embedding, where that may be") {
  const LoadedModel tied = load(tiny_model("qwen2"));
  CHECK(tied.model.weights().tied_output());
  TinyModel phi = tiny_model("phi2");
  std::erase_if(phi.tensors, [](const TinyTensor& t) { return t.name == "output.weight"; });
  CHECK(refusal(phi, Code::kCorrupt) == "tensor output.weight is missing");
}

TEST_CASE("parameters and bytes per token are counted from the tensors") {
  const LoadedModel tied = load(tiny_model("qwen2"));
  const LoadedModel untied = load(tiny_model("llama"));
  // One embedding row of 256 f32, and all tensors but the embedding where the output has its own.
  CHECK(tied.model.bytes_per_token() == 4 * tied.model.n_params() + 1024);
  CHECK(untied.model.bytes_per_token() == 4 * (untied.model.n_params() - 272 * 256) + 1024);
}

TEST_CASE("a missing, misshapen, unknown or unfit tensor is named") {
  TinyModel tiny = tiny_model("llama");
  std::erase_if(tiny.tensors, [](const TinyTensor& t) { return t.name == "blk.1.ffn_up.weight"; });
  CHECK(refusal(tiny, Code::kCorrupt) == "tensor blk.1.ffn_up.weight is missing");

  tiny = tiny_model("llama");
  tiny.tensor("blk.2.attn_k.weight").dims = {128, 256};
  CHECK(refusal(tiny, Code::kCorrupt) ==
        "tensor blk.2.attn_k.weight: expected 256 x 128 elements, found 128 x 256 x 1 x 1");

  tiny = tiny_model("llama");
  tiny.tensors.push_back({"blk.0.attn_sinks.weight", DType::kF32, {4}, std::vector<std::byte>(16)});
  CHECK(refusal(tiny, Code::kUnsupported) ==
        "tensor blk.0.attn_sinks.weight: not part of the llama models that samovar runs");

  tiny = tiny_model("llama");
  TinyTensor& norm = tiny.tensor("blk.0.attn_norm.weight");
  norm.dtype = DType::kF16;
  norm.data.resize(512);
  CHECK(refusal(tiny, Code::kUnsupported) ==
        "tensor blk.0.attn_norm.weight: norms and biases must be F32, found F16");

  tiny = tiny_model("llama3");
  std::fill_n(tiny.tensor("rope_freqs.weight").data.begin(), 4, std::byte{0});
  CHECK(refusal(tiny, Code::kCorrupt) ==
        "tensor rope_freqs.weight: holds a number that is not above 0");
}

TEST_CASE("a storage type without a kernel is named") {
  std::vector<std::byte> bytes = tiny_model("llama").build();
  // In the tensor table a name is followed by its dimensions (count, sizes) and its type.
  constexpr std::string_view kName = "blk.1.ffn_down.weight";
  const auto* text = reinterpret_cast<const char*>(bytes.data());
  const size_t at = std::string_view(text, bytes.size()).find(kName);
  REQUIRE(at != std::string_view::npos);
  bytes[at + kName.size() + 4 + 16] = std::byte{16};
  const auto file = gguf::File::parse(bytes);
  REQUIRE_MESSAGE(file.ok(), std::string(file.status().message()));
  const auto model = Model::load(*file);
  CHECK(model.status().code() == Code::kUnsupported);
  CHECK(model.status().message() ==
        "tensor blk.1.ffn_down.weight: no kernel for type 16 (IQ2_XXS)");
}

}  // namespace
}  // namespace samovar::model
