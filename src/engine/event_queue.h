// EventQueue: the sink of whoever waits for a request's events on another thread.
//
// The end always arrives: it needs no memory. Thread: one waits, the engine's writes.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/sync.h"
#include "engine/request.h"

namespace samovar::engine {

class EventQueue final : public EventSink {
 public:
  void on_event(const Event& event) override {
    if (event.kind != Event::Kind::kDone) {
      tokens_.send(event);
    } else {
      end_ = event;
      tokens_.close();
    }
  }
  // Waits for the next event; after the last token it is the end, again and again.
  Event next() {
    auto token = tokens_.receive();
    return token ? *std::move(token) : end_;
  }

 private:
  Mailbox<Event> tokens_;
  Event end_;  // written before tokens_ is closed, read after
};

}  // namespace samovar::engine
