// ServerCore: what the sessions of one server share: options, handler, the list of who is
// connected, and whether tasks still are taken.
//
// Must not know HTTP or Asio. Internal to net/. Thread: any.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/sync.h"
#include "net/http_server.h"

#include <cstddef>
#include <cstdint>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace samovar::net {

class Session;

class ServerCore {
 public:
  ServerCore(ServerOptions server_options, Handler server_handler);

  // Calls `queue_task` and returns true; false, without the call, once the server has stopped.
  template <class QueueTask>
  bool unless_stopped(const QueueTask& queue_task) {
    MutexLock lock(mutex_);
    if (!stopped_) queue_task();
    return !stopped_;
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
