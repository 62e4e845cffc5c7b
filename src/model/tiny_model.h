// TinyModel: small random models built in memory, for tests.
//
// The golden variants are bit-identical with those of tests/golden/make_tiny.py (seed 1), apart
// from their vocabulary, which the network does not need.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "gguf/file.h"
#include "model/model.h"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace samovar::model {

struct TinyKey {
  std::string name;
  std::variant<uint32_t, float, bool, std::string, std::vector<int32_t>, std::vector<std::string>>
      value;
};

struct TinyTensor {
  std::string name;
  DType dtype = DType::kF32;
  std::vector<int64_t> dims;  // fastest first
  std::vector<std::byte> data;
};

struct TinyModel {
  std::vector<TinyKey> keys;
  std::vector<TinyTensor> tensors;

  void set(std::string_view key, decltype(TinyKey::value) value);  // replaces or appends
  void erase_key(std::string_view key);
  TinyTensor& tensor(std::string_view name);  // REQUIRES: there is one
  std::vector<std::byte> build() const;       // the bytes of a GGUF file
};

// The names of the golden variants of the architectures that samovar runs.
std::vector<std::string> tiny_variants();
// REQUIRES: one of tiny_variants().
TinyModel tiny_model(std::string_view variant);

// What tests vary: two layers of the same network as `variant`, its matrices replaced by random
// blocks of several storage types, so that rows are quantized in both formats, even for one input.
TinyModel tiny_quantized_model(std::string_view variant);

// OWNS the bytes behind a parsed file and its model.
struct LoadedModel {
  std::vector<std::byte> bytes;
  gguf::File file;
  Model model;
};
LoadedModel load(const TinyModel& tiny);

}  // namespace samovar::model
