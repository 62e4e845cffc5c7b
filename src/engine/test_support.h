// What the engine's tests share: an engine around the tiny model, and answers collected from it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "engine/engine.h"
#include "engine/event_queue.h"
#include "engine/test_model.h"
#include "kernels/select.h"

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

namespace samovar::engine {

struct Answer {
  std::vector<int32_t> tokens;
  Event end;
};

// Waits for all that one request gets.
inline Answer answer_of(EventQueue& events) {
  Answer out;
  Event event = events.next();
  for (; event.kind == Event::Kind::kToken; event = events.next()) {
    out.tokens.push_back(event.token);
  }
  out.end = std::move(event);
  return out;
}

struct Fixture {
  explicit Fixture(const Options& options, const std::string& variant = "llama")
      : model(test_model(variant)) {
    auto created = Engine::create(model, kernels::select(sys::detect_isa()), options, ledger);
    REQUIRE(created.ok());
    engine = *std::move(created);
  }

  std::shared_ptr<EventQueue> submit(Request request) {
    auto sink = std::make_shared<EventQueue>();
    request.sink = sink;
    const Status status = engine->submit(std::move(request));
    REQUIRE(status.ok());
    return sink;
  }
  Answer answer(Request request) { return answer_of(*submit(std::move(request))); }

  Ledger ledger;
  std::shared_ptr<const LoadedModel> model;
  std::unique_ptr<Engine> engine;
};

inline Request greedy(std::vector<int32_t> prompt, int64_t max_tokens) {
  Request request{.prompt = std::move(prompt), .max_tokens = max_tokens, .ignore_end = true};
  request.sampling.temperature = 0;
  return request;
}

inline std::vector<int32_t> prompt_of(int32_t first, size_t n) {
  std::vector<int32_t> prompt(n);
  for (size_t i = 0; i < n; ++i)
    prompt[i] = static_cast<int32_t>((static_cast<size_t>(first) + 7 * i) % 250);
  return prompt;
}

}  // namespace samovar::engine
