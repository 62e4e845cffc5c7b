// Mutex, lock and condition variable with clang's thread-safety annotations, and Mailbox on top.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <condition_variable>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <utility>

#if defined(__clang__)
#define SAMOVAR_TSA(x) __attribute__((x))
#else
#define SAMOVAR_TSA(x)
#endif

namespace samovar {

class SAMOVAR_TSA(capability("mutex")) Mutex {
 public:
  void lock() SAMOVAR_TSA(acquire_capability()) { mutex_.lock(); }
  void unlock() SAMOVAR_TSA(release_capability()) { mutex_.unlock(); }

 private:
  friend class CondVar;
  std::mutex mutex_;
};

class SAMOVAR_TSA(scoped_lockable) MutexLock {
 public:
  explicit MutexLock(Mutex& mutex) SAMOVAR_TSA(acquire_capability(mutex)) : mutex_(mutex) {
    mutex_.lock();
  }
  ~MutexLock() SAMOVAR_TSA(release_capability()) { mutex_.unlock(); }
  MutexLock(const MutexLock&) = delete;
  MutexLock& operator=(const MutexLock&) = delete;

 private:
  Mutex& mutex_;
};

class CondVar {
 public:
  // REQUIRES: `mutex` is held; it is released while waiting and held again on return.
  void wait(Mutex& mutex) SAMOVAR_TSA(requires_capability(mutex))
      SAMOVAR_TSA(no_thread_safety_analysis) {
    std::unique_lock lock(mutex.mutex_, std::adopt_lock);
    condition_.wait(lock);
    lock.release();
  }
  void notify_one() { condition_.notify_one(); }
  void notify_all() { condition_.notify_all(); }

 private:
  std::condition_variable condition_;
};

// An unbounded queue between threads; bounds belong to the admission above it. Only making a
// message needs memory: handing over a list that is there, and receiving, never fail. Thread: any
// number of senders and receivers.
template <class T>
class Mailbox {
 public:
  // False, and the message dropped, once the mailbox is closed.
  bool send(T message) {
    std::list<T> messages;
    messages.push_back(std::move(message));
    return send_all(std::move(messages));
  }
  bool send_all(std::list<T>&& messages) noexcept {
    MutexLock lock(mutex_);
    if (closed_) return false;
    queue_.splice(queue_.end(), messages);
    ready_.notify_all();
    return true;
  }
  // The oldest message, or nothing when none waits.
  std::optional<T> try_receive() {
    MutexLock lock(mutex_);
    return pop();
  }
  // Waits for a message; nothing once the mailbox is closed and empty.
  std::optional<T> receive() {
    MutexLock lock(mutex_);
    while (queue_.empty() && !closed_) ready_.wait(mutex_);
    return pop();
  }
  // Puts all messages behind those of `out`; waits for one first unless the mailbox is closed, or
  // somebody calls wake().
  void receive_all(std::list<T>& out) noexcept {
    MutexLock lock(mutex_);
    while (queue_.empty() && !closed_ && !woken_) ready_.wait(mutex_);
    woken_ = false;
    out.splice(out.end(), queue_);
  }
  void try_receive_all(std::list<T>& out) noexcept {
    MutexLock lock(mutex_);
    out.splice(out.end(), queue_);
  }
  // The receive_all() that waits, or else the next one, returns though there is no message.
  void wake() {
    MutexLock lock(mutex_);
    woken_ = true;
    ready_.notify_all();
  }
  bool empty() {
    MutexLock lock(mutex_);
    return queue_.empty();
  }
  void close() {
    MutexLock lock(mutex_);
    closed_ = true;
    ready_.notify_all();
  }

 private:
  std::optional<T> pop() SAMOVAR_TSA(requires_capability(mutex_)) {
    if (queue_.empty()) return std::nullopt;
    std::optional<T> message(std::move(queue_.front()));
    queue_.pop_front();
    return message;
  }

  Mutex mutex_;
  CondVar ready_;
  std::list<T> queue_ SAMOVAR_TSA(guarded_by(mutex_));
  bool closed_ SAMOVAR_TSA(guarded_by(mutex_)) = false;
  bool woken_ SAMOVAR_TSA(guarded_by(mutex_)) = false;
};

}  // namespace samovar
