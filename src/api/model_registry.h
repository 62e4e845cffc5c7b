// ModelRegistry: which models are loaded. Loads them when somebody asks, hands out leases, unloads.
//
// A model in use stays. One is loaded at a time, by the registry's own thread; who asks for it in
// the meantime waits for the same load. When the next one does not fit, by number or memory, the
// least recently used idle one goes; when all are in use, requests wait in their order. A load that
// fails ends those who waited for it, and is tried anew for the next one. Thread: any.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/model_figures.h"
#include "api/model_schedule.h"
#include "base/clock.h"

#include <cstdint>
#include <functional>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace samovar::api {

// Runs a task after some milliseconds, on any thread.
using Timer = std::function<void(int64_t delay_ms, std::function<void()>)>;

struct StartedModel {
  ServedPointer model;
  uint64_t reserved_bytes = 0;  // plan::Plan::model_bytes()
};
// Starts a model beside others whose plans have `reserved_bytes`. kBusy: does not fit beside them,
// and may be called again when some have gone.
using ModelStarter = std::function<Result<StartedModel>(uint64_t reserved_bytes)>;
// Maps and checks a model's file.
using ModelLoader = std::function<Result<ModelStarter>(const ModelSource& source)>;

struct ModelRegistryOptions {
  ModelLoader load = nullptr;                       // null: only what is adopted
  int64_t max_loaded = 4;                           // 0: as many as fit in memory
  int64_t keep_alive_us = int64_t{5} * 60'000'000;  // of models that are not named; or kForever
  int64_t patience_us = int64_t{5} * 60'000'000;    // how long a request waits for its model
  // How long a request waits while newer ones go on using the models that are in its way.
  int64_t fairness_us = int64_t{5} * 1'000'000;
  size_t max_waiting = 512;  // requests
  bool may_unload_named = false;
  uint64_t process_bytes = 0;  // that the plan names for the server itself, beside any model
  // On the registry's thread, after the memory is free.
  std::function<void(const ModelSource&, UnloadReason)> on_unload = nullptr;
};

class ModelRegistry {
 public:
  ModelRegistry(ModelRegistryOptions options, const Clock& clock);
  ~ModelRegistry();  // stop()
  ModelRegistry(const ModelRegistry&) = delete;
  ModelRegistry& operator=(const ModelRegistry&) = delete;

  // Without one no model expires and nobody waits in vain but for ever. Set once, at first.
  void set_timer(Timer timer);

  // A lease of a model that is there; null if it must be waited for, as one must whose file was cut
  // short: it is loaded anew.
  ServedPointer lease(std::string_view id);
  // Loads the model and hands out a lease. kBusy when too many wait, or it is closed; on_end is not
  // called then.
  Status wait(ModelWish wish);
  // Loads it if it fits beside those that are there. Blocks.
  Status load(const ModelSource& source);
  // A model that was loaded elsewhere; stays for ever.
  void adopt(ModelSource source, ServedPointer model);
  // Goes when the last lease is back; nobody gets it meanwhile. False: it is not loaded, or is
  // named and stays.
  bool unload(std::string_view id);
  // Models that nobody uses go, but for those that are named.
  void end_idle();
  // How long it stays when nobody uses it, from now on. A named one stays in any case: 0 gives back
  // what its cache keeps for later requests, once nobody uses it.
  void keep(std::string_view id, int64_t keep_alive_us);

  // A loaded model.
  struct View {
    ModelSource source;
    ServedPointer model;         // a lease that does not count as use; null once it leaves
    int64_t left_us = kForever;  // until it goes, if nobody uses it any more
    bool leaving = false;
  };
  std::vector<View> views() const;
  // As View::model; null if it is not loaded too.
  ServedPointer peek(std::string_view id) const;
  // The id of the model that is being loaded; empty: none.
  std::string loading() const;
  // Why it can't answer: its file was cut short, or it could not be loaded the last time; empty: it
  // can, or nobody has asked for it.
  std::string failure_of(const std::string& id) const;
  // Calls `visit` for each loaded model, under the lock: it must be short.
  void each_loaded(const std::function<void(const LoadedModelEntry&)>& visit) const;

  struct Totals {
    int64_t n_loads = 0, n_failures = 0, n_unloads = 0, n_waiting = 0;
    uint64_t planned_bytes = 0;  // what the plans name: for the server itself and loaded models
  };
  Totals totals() const;
  // Of each model that is loaded, was loaded, or is waited for.
  std::list<ModelFigures> figures() const;
  // Seconds after which a request may find a place for its model; at least 1.
  int64_t retry_after_s() const;

  // Ends those who wait, with kBusy; nothing is loaded from now on.
  void close();
  // close(), and ends the engines. Leases stay valid. Idempotent.
  void stop();

 private:
  // A model that is read, and starts when there is room.
  struct Candidate {
    std::string id;
    ModelStarter start;
  };
  struct Shared;
  struct Release;

  void run();
  std::optional<ModelTask> next_task();
  void perform(ModelTask task);
  void unload_now(const ModelTable::Pointer& entry, UnloadReason reason);
  void load_now(const ModelSource& source);
  Result<StartedModel> start_candidate(const ModelSource& source);
  void fail(const std::string& id, const Status& status);
  void add(ModelSource source, StartedModel started, int64_t keep_alive_us);
  ServedPointer lease_of(const ModelTable::Pointer& entry, bool is_use) const;

  const ModelRegistryOptions options_;
  const Clock& clock_;
  const std::shared_ptr<Shared> shared_;  // with leases and timers, which may outlive the registry
  std::optional<Candidate> candidate_;    // the thread's
  std::thread thread_;
};

}  // namespace samovar::api
