// ServedModel: a model that answers: file, engine and prompt format.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/chat_format.h"
#include "engine/engine.h"

#include <memory>
#include <string>

namespace samovar::api {

// Members stand in the order in which they need each other.
struct ServedModel {
  std::unique_ptr<Ledger> ledger;  // the engine's memory is charged to it
  std::shared_ptr<const engine::LoadedModel> model;
  std::unique_ptr<engine::Engine> engine;
  ChatFormat format;
  std::string quantization;  // "Q4_K_M"
  std::string id = {};       // what the API calls it; empty: ApiOptions::model_id
};

// In handlers a lease of the registry: as long as a copy lives, the model stays loaded.
using ServedPointer = std::shared_ptr<const ServedModel>;

}  // namespace samovar::api
