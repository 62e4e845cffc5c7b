#include "model/activations.h"

#include "kernels/select.h"

namespace samovar::model {
namespace {

using kernels::ActFormat;

constexpr ActFormat kQuantized[] = {ActFormat::kQ8_32, ActFormat::kQ8_256};

}  // namespace

FormatSet FormatSet::of(std::initializer_list<const TensorView*> weights) {
  FormatSet set;
  for (const TensorView* view : weights) {
    if (view->present()) set.bits_ |= 1U << static_cast<unsigned>(kernels::act_format(view->dtype));
  }
  return set;
}

void Activations::carve(Carver& carver, int64_t max_rows, int64_t max_k) {
  row_blocks_ = (max_k + kernels::kActBlock - 1) / kernels::kActBlock;
  for (Form& form : forms_) form.rows = carver.take<kernels::ActRow>(max_rows);
  for (const ActFormat format : kQuantized) {
    Form& form = forms_[static_cast<size_t>(format)];
    form.blocks = carver.take<kernels::ActBlock>(max_rows * row_blocks_);
  }
}

void Activations::prepare(const kernels::KernelTable& kernels, FormatSet formats, int64_t t,
                          int64_t n_rows, const float* x, int64_t k) {
  const auto row = static_cast<size_t>(t);
  if (formats.has(ActFormat::kF32)) {
    forms_[static_cast<size_t>(ActFormat::kF32)].rows[row] = {x, nullptr};
  }
  for (const ActFormat format : kQuantized) {
    if (!formats.has(format)) continue;
    Form& form = forms_[static_cast<size_t>(format)];
    kernels::ActBlock* blocks = form.blocks.data() + t * row_blocks_;
    kernels::quantizer(kernels, format, n_rows)(x, k, blocks);
    form.rows[row] = {nullptr, blocks};
  }
}

}  // namespace samovar::model
