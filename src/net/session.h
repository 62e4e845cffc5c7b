// Session: drives one Connection: its socket, its timer, its strand.
//
// Knows Asio and the calls of Connection; must not know HTTP. Internal to net/.
// Thread: the session's strand, but for address() and run(). SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/connection.h"
#include "net/exchange.h"
#include "net/server_core.h"

#include <cstdint>
#include <limits>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

namespace samovar::net {

class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(std::shared_ptr<ServerCore> core, Strand strand, Socket socket);
  // The core counts open sessions only; a Responder may keep a closed one.
  ~Session() { core_->remove(this, address_); }

  const std::string& address() const { return address_; }

  // Runs `task` on the strand and does what follows from it; false once the server has stopped.
  bool run(Exchange::Task task);

 private:
  void dispatch(Request request, uint64_t number, Connection::Gone gone);
  void attempt(const Exchange::Task& task);
  void pump();
  asio::awaitable<void> read_loop(std::shared_ptr<Session> self);
  void read_available();
  asio::awaitable<void> write_loop(std::shared_ptr<Session> self);
  void arm_timer();
  void on_timer();
  void close();

  const std::shared_ptr<ServerCore> core_;  // before all that lives in its io_context
  const Strand strand_;
  Socket socket_;
  asio::steady_timer timer_;
  int64_t armed_us_ = std::numeric_limits<int64_t>::max();
  const std::string address_;
  Connection connection_;
  bool reading_ = false;
  bool writing_ = false;
  bool shut_down_ = false;
};

}  // namespace samovar::net
