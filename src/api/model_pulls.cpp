#include "api/model_pulls.h"

#include <algorithm>

namespace samovar::api {
namespace {

constexpr size_t kMaxPulls = 4;

}  // namespace

ModelPulls::~ModelPulls() {
  finish();
}

Status ModelPulls::join(const std::string& name, Listener listener) {
  MutexLock lock(mutex_);
  reap();
  if (stopped_) return busy("the server is shutting down");
  for (Running& running : running_) {
    if (running.name != name || running.closed) continue;
    running.listeners.push_back(std::move(listener));
    return {};
  }
  if (running_.size() >= kMaxPulls) return busy("too many models are being pulled: ask later");
  Running& running = running_.emplace_back();
  running.name = name;
  running.listeners.push_back(std::move(listener));
  running.thread = std::thread([this, &running] { run(running); });
  running.over = false;
  return {};
}

void ModelPulls::run(Running& running) {
  const auto result = models_->pull(
      running.name, [&](const store::Progress& progress) { return report(running, progress); },
      &stopped_);
  std::vector<Listener> listeners;
  {
    MutexLock lock(mutex_);
    running.closed = true;
    listeners.swap(running.listeners);
  }
  for (const Listener& listener : listeners) listener.on_end(result);
  MutexLock lock(mutex_);
  running.over = true;
}

bool ModelPulls::report(Running& running, const store::Progress& progress) {
  MutexLock lock(mutex_);
  std::erase_if(running.listeners,
                [&](const Listener& listener) { return !listener.on_progress(progress); });
  running.closed = running.closed || stopped_ || running.listeners.empty();
  return !running.closed;
}

void ModelPulls::reap() {
  for (Running& running : running_) {
    if (running.over && running.thread.joinable()) running.thread.join();
  }
  std::erase_if(running_, [](const Running& running) { return running.over; });
}

void ModelPulls::finish() {
  stop();
  std::list<Running> running;
  {
    MutexLock lock(mutex_);
    running.swap(running_);
  }
  for (Running& one : running) {
    if (one.thread.joinable()) one.thread.join();
  }
}

}  // namespace samovar::api
