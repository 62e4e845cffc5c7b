#include "model/model.h"

namespace samovar::model {

Result<Model> Model::load(const gguf::File& file) {
  Model model;
  SAMOVAR_ASSIGN(model.config_, ModelConfig::from_gguf(file));
  SAMOVAR_ASSIGN(model.weights_, Weights::bind(file, model.config_));
  const TensorView& freqs = model.weights_.rope_freqs;
  std::span<const float> divisors;
  if (freqs.present()) divisors = {freqs.f32(), static_cast<size_t>(freqs.cols())};
  for (const float divisor : divisors) {
    if (!(divisor > 0.0F))
      return corrupt("tensor rope_freqs.weight: holds a number that is not above 0");
  }
  model.rope_global_ = RopeTable::make(model.config_.rope, LayerKind::kGlobal, divisors);
  model.rope_windowed_ = RopeTable::make(model.config_.rope, LayerKind::kWindowed, divisors);

  for (const gguf::Tensor& tensor : file.tensors()) {
    model.n_params_ += static_cast<uint64_t>(tensor.view.cols() * tensor.view.rows());
  }
  model.bytes_per_token_ = samovar::model::bytes_per_token(file, model.weights_);
  return model;
}

}  // namespace samovar::model
