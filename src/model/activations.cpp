#include "model/activations.h"

#include "kernels/select.h"

namespace samovar::model {
namespace {

using kernels::ActFormat;

constexpr ActFormat kQuantized[] = {ActFormat::kQ8_32, ActFormat::kQ8_256};
constexpr int64_t kSumElements = 16;

int64_t block_elements(ActFormat format) {
  return format == ActFormat::kQ8_32 ? 32 : 256;
}

}  // namespace

FormatSet FormatSet::of(std::initializer_list<const TensorView*> weights) {
  FormatSet set;
  for (const TensorView* view : weights) {
    if (view->present()) set.bits_ |= 1U << static_cast<unsigned>(kernels::act_format(view->dtype));
  }
  return set;
}

void Activations::carve(Carver& carver, int64_t max_rows, int64_t max_k) {
  max_k_ = max_k;
  for (Form& form : forms_) form.rows = carver.take<kernels::ActRow>(max_rows);
  for (const ActFormat format : kQuantized) {
    Form& form = forms_[static_cast<size_t>(format)];
    form.codes = carver.take<int8_t>(max_rows * max_k);
    form.scales = carver.take<float>(max_rows * (max_k / block_elements(format)));
    form.sums = carver.take<int16_t>(max_rows * (max_k / kSumElements));
  }
}

void Activations::prepare(const kernels::KernelTable& kernels, FormatSet formats, int64_t t,
                          const float* x, int64_t k) {
  const auto row = static_cast<size_t>(t);
  if (formats.has(ActFormat::kF32)) {
    forms_[static_cast<size_t>(ActFormat::kF32)].rows[row] = {x, nullptr, nullptr, nullptr};
  }
  for (const ActFormat format : kQuantized) {
    if (!formats.has(format)) continue;
    Form& form = forms_[static_cast<size_t>(format)];
    int8_t* codes = form.codes.data() + t * max_k_;
    float* scales = form.scales.data() + t * (max_k_ / block_elements(format));
    int16_t* sums = form.sums.data() + t * (max_k_ / kSumElements);
    const auto quantize =
        format == ActFormat::kQ8_32 ? kernels.quantize_q8_32 : kernels.quantize_q8_256;
    quantize(x, k, codes, scales, sums);
    form.rows[row] = {nullptr, codes, scales, sums};
  }
}

}  // namespace samovar::model
