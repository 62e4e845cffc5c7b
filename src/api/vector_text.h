// An embedding's vector as clients want it: cut, normalised, in digits or base64.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace samovar::api {

enum class VectorEncoding : uint8_t { kNumbers, kBase64 };

// llama-server's `embd_normalize`; p >= 1 is the p-norm.
inline constexpr int32_t kNotNormalised = -1, kMaxAbsolute = 0, kEuclidean = 2;

struct VectorForm {
  int64_t n_dimensions = 0;  // the first ones that are kept; 0: all
  int32_t norm = kEuclidean;
  VectorEncoding encoding = VectorEncoding::kNumbers;
};

// The first dimensions of `values`, divided by their norm; kMaxAbsolute makes the largest one
// 32760. A vector of zeros stays one.
std::vector<float> formed_vector(std::span<const float> values, const VectorForm& form);

// Appends a JSON array whose numbers give back the same floats, or a JSON string with the
// little-endian floats in base64. REQUIRES: finite values.
void append_vector(std::string& text, std::span<const float> values, VectorEncoding encoding);

}  // namespace samovar::api
