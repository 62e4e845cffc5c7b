// Generation: one HTTP request on its way back: tokens of its choices become the client's answer.
//
// Each choice is one engine request. The first choice of a prompt runs before the others of that
// prompt, which then find the prompt in the cache; no more run at a time than there are slots.
// Events arrive on the engine thread and are handed to an I/O thread, where text is decoded, stop
// strings are found and JSON is written. An error of one choice ends all. Keeps itself alive until
// the engine's last event.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/answer_reader.h"
#include "api/answer_shape.h"
#include "api/choice.h"
#include "api/delivery.h"
#include "api/error.h"
#include "api/request_metrics.h"
#include "api/served_model.h"
#include "base/sync.h"
#include "engine/engine.h"
#include "net/responder.h"

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace samovar::api {

// Runs a task on an I/O thread.
using Poster = std::function<void(std::function<void()>)>;

// What the engine is asked for: `n` choices of each prompt.
struct GenerationWork {
  std::vector<std::vector<int32_t>> prompts;
  int64_t n = 1;
  // Of every choice, but for the prompt; choice i of a prompt adds i to the seed. The deadline is
  // the first one's: the others do not wait for a place that their request has not got.
  engine::Request request;
  std::string settings;  // shown beside the slot
};

struct GenerationOptions {
  Delivery delivery = Delivery::kWhole;
  ChoiceOptions choice;
  std::string path;  // of the HTTP request: decides the error shape
  int64_t ping_interval_s = 30;
  AnswerReading reading;
  // Of each prompt, put before its answers, with the prompt's tokens where its chances are asked
  // for; empty: none.
  std::vector<std::string> echo;
  bool empty_prompts_end = false;           // a prompt without tokens is answered with nothing
  const RequestMetrics* metrics = nullptr;  // BORROWED for as long as events come; may be null
};

class Generation final : public std::enable_shared_from_this<Generation> {
 public:
  Generation(ServedPointer served, std::unique_ptr<AnswerShape> shape, GenerationWork work,
             GenerationOptions options, net::Responder responder, Poster poster);
  ~Generation();

  // Submits the work and sees the answer through. A refusal is answered at once.
  void start();

 private:
  class Sink;
  class TurnInUse;
  struct Member;
  struct Letter {
    size_t index;  // of the choice
    engine::Event event;
  };

  void on_event(size_t index, const engine::Event& event);  // engine thread
  // One thread at a time has the turn; it handles events until none is left.
  void take_turn();
  void handle(const Letter& letter);
  void on_prompt(Member& member, const engine::Event& event);
  void on_prompt_token(Member& member, const engine::Event& event);
  void on_token(Member& member, const engine::Event& event);
  void on_done(Member& member, const engine::Event& event);

  void show_echo(Member& member);
  ShownToken prompt_token(int32_t id, const engine::Event& event) const;
  bool count_chances(const engine::Event& event);
  bool ready(size_t index) const;
  Status submit_ready();
  Status submit(size_t index);
  void begin_stream();
  void show(Member& member, const std::string& text, const engine::Event& event);
  void show_parts(Member& member, const std::vector<AnswerReader::Part>& parts,
                  const engine::Event& event);
  void keep_parts(Member& member, const std::vector<AnswerReader::Part>& parts);
  void write_event(const json::Value& value);
  void finish();
  void fail(const Status& status);
  void refuse(const ApiError& error);
  void stop_all(engine::StopSign sign);
  bool is_stream() const { return options_.delivery != Delivery::kWhole; }

  // Constant after construction.
  ServedPointer served_;  // a lease: the model stays until the answer has ended
  std::unique_ptr<AnswerShape> shape_;
  GenerationWork work_;
  GenerationOptions options_;
  net::Responder responder_;
  Poster poster_;
  std::vector<std::shared_ptr<std::atomic<engine::StopSign>>> stop_signs_;  // by choice

  // Between the engine thread and the I/O thread.
  Mailbox<Letter> letters_;
  std::atomic<bool> turn_taken_{true};  // start() has the first one

  // Of whoever has the turn.
  std::vector<Member> members_;    // by choice
  std::vector<Outcome> outcomes_;  // by choice
  size_t n_submitted_ = 0, n_done_ = 0;
  size_t n_chances_ = 0;  // kept for a whole answer
  bool over_ = false;     // the client has its answer or its error
  bool failed_ = false;   // something of the answer is lost: its end must say so
};

}  // namespace samovar::api
