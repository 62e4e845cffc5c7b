#include "api/vector_text.h"

#include "net/base64.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <iterator>

#include <fmt/format.h>

namespace samovar::api {
namespace {

double max_absolute(std::span<const float> values) {
  double max = 0;
  for (const float value : values) max = std::max(max, std::abs(double{value}));
  return max;
}

// In units of the largest value, so that no power leaves the range of a double.
double p_norm(std::span<const float> values, int32_t p) {
  const double max = max_absolute(values);
  if (max == 0) return 0;
  double sum = 0;
  for (const float value : values) sum += std::pow(std::abs(double{value}) / max, p);
  return max * std::pow(sum, 1.0 / p);
}

double divisor(std::span<const float> values, int32_t norm) {
  if (norm == kNotNormalised) return 1;
  if (norm == kMaxAbsolute) return max_absolute(values) / 32760;
  if (norm != kEuclidean) return p_norm(values, norm);
  double sum = 0;
  for (const float value : values) sum += double{value} * double{value};
  return std::sqrt(sum);
}

}  // namespace

std::vector<float> formed_vector(std::span<const float> values, const VectorForm& form) {
  if (form.n_dimensions > 0) {
    values = values.first(std::min(values.size(), static_cast<size_t>(form.n_dimensions)));
  }
  std::vector<float> out(values.begin(), values.end());
  const double by = divisor(values, form.norm);
  if (by == 0 || by == 1) return out;
  for (float& value : out) value = static_cast<float>(double{value} / by);
  return out;
}

void append_vector(std::string& text, std::span<const float> values, VectorEncoding encoding) {
  if (encoding == VectorEncoding::kBase64) {
    static_assert(std::endian::native == std::endian::little);
    const auto* bytes = reinterpret_cast<const char*>(values.data());
    text += '"' + net::base64({bytes, values.size_bytes()}) + '"';
    return;
  }
  text += '[';
  for (size_t i = 0; i < values.size(); ++i) {
    fmt::format_to(std::back_inserter(text), "{}{}", i > 0 ? "," : "", values[i]);
  }
  text += ']';
}

}  // namespace samovar::api
