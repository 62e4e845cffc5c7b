// EmbeddingRun: one HTTP request for embeddings: its texts go to the engine, their vectors come
// back as one answer.
//
// Each text is one engine request; a few more than there are slots are under way at a time, so that
// the engine never waits for the next one. An error of one text ends all. Keeps itself alive until
// the engine's last event.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/embedding_shape.h"
#include "api/error.h"
#include "api/generation.h"
#include "api/served_model.h"
#include "base/sync.h"
#include "engine/engine.h"
#include "net/responder.h"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

namespace samovar::api {

struct EmbeddingWork {
  std::vector<std::vector<int32_t>> texts;
  model::Pooling pooling = model::Pooling::kLast;
  uint64_t tenant = 0;
  int64_t deadline_us = 0;  // of the first text: engine::Request::deadline_us
  std::string path;         // of the HTTP request: decides the error shape
  std::function<std::string(std::span<const EmbeddedText>)> body;  // the answer
};

class EmbeddingRun final : public std::enable_shared_from_this<EmbeddingRun> {
 public:
  EmbeddingRun(ServedPointer served, EmbeddingWork work, net::Responder responder, Poster poster);

  // Submits the work and sees the answer through. A refusal is answered at once.
  void start();

 private:
  class Sink;

  void on_done(size_t index, const engine::Event& event);
  std::optional<ApiError> check_texts(const engine::Engine& engine) const;
  Status submit_more() SAMOVAR_TSA(requires_capability(mutex_));
  Status submit(engine::Engine& engine, size_t index) SAMOVAR_TSA(requires_capability(mutex_));
  void refuse(const ApiError& error) SAMOVAR_TSA(requires_capability(mutex_));

  // Constant after construction.
  ServedPointer served_;
  int64_t d_model_;
  EmbeddingWork work_;
  net::Responder responder_;
  Poster poster_;
  std::shared_ptr<std::atomic<engine::StopSign>> stop_sign_;  // of all texts

  Mutex mutex_;  // I/O threads', never the engine's
  std::vector<EmbeddedText> embedded_ SAMOVAR_TSA(guarded_by(mutex_));  // by text
  size_t n_submitted_ SAMOVAR_TSA(guarded_by(mutex_)) = 0;
  size_t n_done_ SAMOVAR_TSA(guarded_by(mutex_)) = 0;
  bool over_ SAMOVAR_TSA(guarded_by(mutex_)) = false;  // the client has its answer or its error
};

}  // namespace samovar::api
