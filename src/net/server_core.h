// ServerCore: what the sessions of one server share: options, handler, threads' queue, the list of
// who is connected. Outlives the server when a Responder does.
//
// Must not know HTTP. Internal to net/: the one header with Asio in it, but for session.h.
// Thread: as noted at the members. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/sync.h"
#include "net/http_server.h"

#include <cstddef>
#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/strand.hpp>

namespace samovar::net {

namespace asio = boost::asio;
using boost::system::error_code;
using Protocol = asio::generic::stream_protocol;
using Socket = Protocol::socket;
using Acceptor = asio::basic_socket_acceptor<Protocol>;
using Strand = asio::strand<asio::io_context::executor_type>;

class Session;

class ServerCore {
 public:
  enum class Stage : uint8_t { kRunning, kDraining, kStopping };

  ServerCore(ServerOptions server_options, Handler server_handler);

  // Queues `task`; false once the server has stopped.
  template <class Executor, class Task>
  bool post(const Executor& executor, Task task) {
    MutexLock lock(mutex_);
    if (stopped_) return false;
    asio::post(executor, std::move(task));
    return true;
  }
  void close_for_tasks();

  std::string next_id_prefix();

  void add(const std::shared_ptr<Session>& session, const std::string& address);
  void remove(Session* session, const std::string& address);  // once is enough, twice is harmless
  size_t n_sessions() const;
  size_t n_sessions_of(const std::string& address) const;
  std::vector<std::shared_ptr<Session>> sessions() const;
  // Ready when no session is left.
  std::future<void> when_empty();

  const ServerOptions options;
  const Handler handler;
  asio::io_context io;
  // What follows is touched on `home` alone.
  const Strand home;
  Stage stage = Stage::kRunning;
  std::vector<Acceptor> acceptors;
  std::set<std::shared_ptr<asio::steady_timer>> timers;
  std::set<std::shared_ptr<asio::signal_set>> signals;

 private:
  mutable Mutex mutex_;
  bool stopped_ SAMOVAR_TSA(guarded_by(mutex_)) = false;
  uint64_t n_accepted_ SAMOVAR_TSA(guarded_by(mutex_)) = 0;
  std::map<Session*, std::weak_ptr<Session>> sessions_ SAMOVAR_TSA(guarded_by(mutex_));
  std::map<std::string, size_t> n_by_address_ SAMOVAR_TSA(guarded_by(mutex_));
  std::optional<std::promise<void>> emptied_ SAMOVAR_TSA(guarded_by(mutex_));
  const uint32_t boot_id_;
};

}  // namespace samovar::net
