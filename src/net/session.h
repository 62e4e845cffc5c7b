// Session: drives one Connection: its socket and its timer.
//
// Knows the calls of Connection; must not know HTTP. Internal to net/; Asio stays in the .cpp.
// Thread: any. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/exchange.h"
#include "net/server_core.h"

#include <memory>
#include <string>

namespace boost::asio {
class io_context;
}

namespace samovar::net {

class Session {
 public:
  // The core counts open sessions only; a Responder may keep a closed one.
  virtual ~Session() = default;
  virtual const std::string& address() const = 0;
  // Runs `task` on the session's thread and does what follows from it; false once the server has
  // stopped.
  virtual bool run(Exchange::Task task) = 0;
};

// OWNS `socket`, a connected descriptor, even when it throws. BORROWS `io`, which one thread runs
// and which lives as long as `core`.
std::shared_ptr<Session> make_session(std::shared_ptr<ServerCore> core, boost::asio::io_context& io,
                                      int socket);

}  // namespace samovar::net
