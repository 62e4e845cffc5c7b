// A tiny model with an engine of its own, for tests of routes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/chat_format.h"
#include "api/served_model.h"
#include "engine/test_model.h"
#include "kernels/select.h"

#include <cstdint>
#include <memory>
#include <string>

#include <doctest/doctest.h>

namespace samovar::api {

struct TinyServedModel {
  int64_t n_slots = 1;
  int64_t n_ctx = 256;    // tokens of a slot
  bool fills_in = false;  // has the tokens for filling in the middle
  std::string id = "";
  int64_t max_queue = 512;
  std::string chat_format = "chatml";  // a built-in one's name, or a template

  ServedPointer make() const { return make(engine::test_model("llama", fills_in)); }
  ServedPointer make(std::shared_ptr<const engine::LoadedModel> model) const {
    auto ledger = std::make_unique<Ledger>();
    auto engine = engine::Engine::create(
        model, kernels::select(sys::Isa::kScalar),
        {.n_slots = n_slots, .n_ctx = n_ctx, .max_queue = max_queue}, *ledger);
    REQUIRE(engine.ok());
    auto format = choose_chat_format(model->file(), chat_format);
    REQUIRE(format.ok());
    return std::make_shared<const ServedModel>(ServedModel{
        std::move(ledger), std::move(model), *std::move(engine), *std::move(format), "F32", id});
  }
};

}  // namespace samovar::api
