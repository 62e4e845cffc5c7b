// What Ollama's lists and /api/show tell about a model file.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "gguf/file.h"
#include "json/json_fwd.h"
#include "model/model_facts.h"

#include <cstdint>
#include <string>
#include <vector>

namespace samovar::api {

struct OllamaModel {
  std::string digest;  // 64 hexadecimal digits
  int64_t modified_unix_us = 0;
  uint64_t size_bytes = 0;  // on disk
  model::ModelFacts facts;
  std::vector<std::string> capabilities;
};

// `file` is open; what its folder tells is read too. kNotFound if it is gone from there.
Result<OllamaModel> describe_ollama_model(const gguf::File& file);

json::Value details_json(const OllamaModel& model);
// One entry of /api/tags and, with more members, of /api/ps.
json::Value entry_json(const OllamaModel& model, const std::string& name);

enum class Arrays : uint8_t { kShort, kWhole };  // those of more than 5 items: left empty or not
// All keys but name and chat template.
json::Value model_info_json(const gguf::File& file, Arrays arrays);
json::Value tensors_json(const gguf::File& file);

// "7.6B", "751.63M".
std::string parameter_size(uint64_t n_parameters);

}  // namespace samovar::api
