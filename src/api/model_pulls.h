// ModelPulls: pulls that clients asked for, each on a thread of its own. Who asks for a model that
// is being pulled shares that pull; when nobody is left, it stops, and goes on the next time.
//
// Thread: any.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/sync.h"
#include "store/store.h"

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace samovar::api {

class ModelPulls {
 public:
  explicit ModelPulls(std::shared_ptr<const store::Store> models) : models_(std::move(models)) {}
  ~ModelPulls();  // finish()

  // Called on the pull's thread.
  struct Listener {
    std::function<bool(const store::Progress&)> on_progress;  // false: nobody listens any more
    std::function<void(const Result<store::PulledModel>&)> on_end;
  };
  // kBusy while too many are pulled. REQUIRES: there is a store.
  Status join(const std::string& name, Listener listener);
  // Tells all to end, and waits for none. Nothing new is pulled afterwards.
  void stop() { stopped_ = true; }
  // stop(), and waits for their ends.
  void finish();

 private:
  struct Running {
    std::string name;
    std::vector<Listener> listeners;
    bool closed = false;  // takes no more listeners
    bool over = true;     // the thread has nothing more to do
    std::thread thread;
  };
  void run(Running& running);
  bool report(Running& running, const store::Progress& progress);
  void reap() SAMOVAR_TSA(requires_capability(mutex_));

  const std::shared_ptr<const store::Store> models_;
  Mutex mutex_;
  std::list<Running> running_ SAMOVAR_TSA(guarded_by(mutex_));
  std::atomic<bool> stopped_ = false;
};

}  // namespace samovar::api
