// Generation: one request on its way back: tokens from the engine become text for the client.
//
// Events arrive on the engine thread and are handed to an I/O thread, where text is decoded, stop
// strings are found and JSON is written. Keeps itself alive until the engine's last event.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/answer_shape.h"
#include "api/text_stream.h"
#include "base/sync.h"
#include "engine/engine.h"
#include "net/responder.h"

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace samovar::api {

// Runs a task on an I/O thread.
using Poster = std::function<void(std::function<void()>)>;

enum class Delivery : uint8_t { kWhole, kStream };

struct GenerationOptions {
  Delivery delivery = Delivery::kWhole;
  std::vector<std::string> stop;
  std::string path;  // of the HTTP request: decides the error shape
  int64_t ping_interval_ms = 30'000;
};

class Generation final : public engine::EventSink, public std::enable_shared_from_this<Generation> {
 public:
  // `model` outlives the request by being shared with the engine's caller.
  Generation(std::shared_ptr<const engine::LoadedModel> model, std::unique_ptr<AnswerShape> shape,
             GenerationOptions options, net::Responder responder, Poster poster);

  // Submits `request` (its sink is set here) and sees the answer through. A refusal is answered at
  // once.
  void start(engine::Engine& engine, engine::Request request);

  void on_event(const engine::Event& event) override;  // engine thread

 private:
  class TurnInUse;
  // One thread at a time has the turn; it handles events until none is left.
  void take_turn();
  void on_token(int32_t token);
  void on_done(const engine::Event& event);
  void emit(std::string text);
  void write_event(const json::Value& value);
  void fail(const Status& status);

  // Constant after construction.
  std::shared_ptr<const engine::LoadedModel> model_;
  std::unique_ptr<AnswerShape> shape_;
  GenerationOptions options_;
  net::Responder responder_;
  Poster poster_;
  std::shared_ptr<std::atomic<engine::StopSign>> stop_sign_;

  // Between the engine thread and the I/O thread.
  Mailbox<engine::Event> events_;
  std::atomic<bool> turn_taken_{true};  // start() has the first one

  // Of whoever has the turn.
  TextStream stream_;
  std::string text_;     // of a whole answer
  bool failed_ = false;  // something of the answer is lost: its end must say so
};

}  // namespace samovar::api
