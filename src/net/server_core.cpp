#include "net/server_core.h"

#include <random>

#include <fmt/format.h>

namespace samovar::net {

ServerCore::ServerCore(ServerOptions server_options, Handler server_handler)
    : options(std::move(server_options)),
      handler(std::move(server_handler)),
      boot_id_(std::random_device{}()) {}

void ServerCore::close_for_tasks() {
  MutexLock lock(mutex_);
  stopped_ = true;
}

std::string ServerCore::next_id_prefix() {
  MutexLock lock(mutex_);
  return fmt::format("req-{:08x}-{}", boot_id_, ++n_accepted_);
}

void ServerCore::add(const std::shared_ptr<Session>& session, const std::string& address) {
  MutexLock lock(mutex_);
  size_t& n_here = n_by_address_[address];
  sessions_.emplace(session.get(), session);
  ++n_here;
}

void ServerCore::remove(Session* session, const std::string& address) {
  MutexLock lock(mutex_);
  if (sessions_.erase(session) == 0) return;
  if (--n_by_address_[address] == 0) n_by_address_.erase(address);
  if (sessions_.empty() && emptied_) std::exchange(emptied_, std::nullopt)->set_value();
}

size_t ServerCore::n_sessions() const {
  MutexLock lock(mutex_);
  return sessions_.size();
}

size_t ServerCore::n_sessions_of(const std::string& address) const {
  MutexLock lock(mutex_);
  const auto found = n_by_address_.find(address);
  return found == n_by_address_.end() ? 0 : found->second;
}

std::vector<std::shared_ptr<Session>> ServerCore::sessions() const {
  std::vector<std::shared_ptr<Session>> alive;  // outlives the lock: the last owner may be here
  MutexLock lock(mutex_);
  for (const auto& [key, session] : sessions_) {
    if (auto shared = session.lock()) alive.push_back(std::move(shared));
  }
  return alive;
}

std::future<void> ServerCore::when_empty() {
  MutexLock lock(mutex_);
  emptied_.emplace();
  std::future<void> future = emptied_->get_future();
  if (sessions_.empty()) std::exchange(emptied_, std::nullopt)->set_value();
  return future;
}

}  // namespace samovar::net
