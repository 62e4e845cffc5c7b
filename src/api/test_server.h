// The API over HTTP with a tiny model, for tests.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/served_api.h"
#include "engine/test_model.h"
#include "kernels/select.h"

namespace samovar::api {

// Two slots of 256 tokens.
class Served : public ServedApi {
 public:
  explicit Served(ApiOptions options, bool with_model = true) : ServedApi(std::move(options)) {
    if (with_model) api.set_model(load());
  }

  json::Value post(const std::string& path, const std::string& body) {
    const net::Response answer = ask(net::Method::kPost, path, body);
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    return *json::parse(answer.body);
  }

 private:
  static ServedPointer load() {
    auto ledger = std::make_unique<Ledger>();
    auto model = engine::test_model();
    auto engine = engine::Engine::create(model, kernels::select(sys::Isa::kScalar),
                                         {.n_slots = 2, .n_ctx = 256}, *ledger);
    REQUIRE(engine.ok());
    auto format = choose_chat_format(model->file(), "chatml");
    REQUIRE(format.ok());
    return std::make_shared<const ServedModel>(ServedModel{
        std::move(ledger), std::move(model), *std::move(engine), *std::move(format), "F32"});
  }
};

}  // namespace samovar::api
