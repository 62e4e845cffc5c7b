// A request to Ollama's routes, with its model.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/api.h"
#include "api/ollama_shape.h"
#include "api/tool_fields.h"

#include <cstdint>
#include <string>

namespace samovar::api {

struct Api::OllamaCall : Call {
  int64_t arrived_us = 0, loaded_us = 0;  // monotonic
  OllamaRoute route = OllamaRoute::kGenerate;
  std::string model = {};  // as the request spelled it
  bool wants_context = false;
  ToolWish tools = {};
  AnswerReading reading = {};
};

}  // namespace samovar::api
