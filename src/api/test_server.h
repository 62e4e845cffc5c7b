// The API over HTTP with a tiny model, for tests.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/served_api.h"
#include "api/tiny_served_model.h"

namespace samovar::api {

// Two slots of 256 tokens.
class Served : public ServedApi {
 public:
  explicit Served(ApiOptions options, bool with_model = true, const Clock& clock = system_clock())
      : ServedApi(std::move(options), clock) {
    if (with_model) api.set_model(TinyServedModel{.n_slots = 2}.make());
  }

  json::Value post(const std::string& path, const std::string& body) {
    const net::Response answer = ask(net::Method::kPost, path, body);
    CAPTURE(answer.body);
    REQUIRE(answer.status == 200);
    return *json::parse(answer.body);
  }
};

}  // namespace samovar::api
