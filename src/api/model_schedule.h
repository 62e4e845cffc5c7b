// ModelSchedule: who waits for which model, and what the registry does next about it.
//
// Decides only: loads nothing, calls nobody but Wish::gone. Requests are served in their order.
// Newer ones may overtake for models that are there, but not for longer than fairness_us.
// Thread: none of its own; the registry locks it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/model_table.h"
#include "base/status.h"

#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <string>
#include <string_view>

namespace samovar::api {

// A request that waits for its model.
struct ModelWish {
  ModelSource source;
  // Called once, on the registry's thread; must not block.
  std::function<void(Result<ServedPointer>)> on_end;
  std::function<bool()> gone = nullptr;  // nobody wants it any more; then on_end is not called
  bool makes_room = true;                // idle models may have to go for it
  int64_t since_us = 0;                  // monotonic; the registry sets it
};

enum class UnloadReason : uint8_t { kIdle, kRoom, kAsked, kDamaged };

struct ModelScheduleOptions {
  bool loads = true;        // false: models are only adopted
  int64_t max_loaded = 4;   // 0: as many as fit in memory
  int64_t patience_us = 0;  // how long a request waits for its model
  int64_t fairness_us = 0;  // how long newer ones go on using the models that are in its way
  size_t max_waiting = 0;   // requests
};

// One thing to do, outside the lock.
struct ModelTask {
  std::list<ModelWish> ended =
      {};  // each gets `lease`, else `error`; nobody asks if both are empty
  ModelTable::Pointer lease = nullptr;  // counted already, once: `ended` has one member
  Status error = {};
  ModelTable::Pointer unload = nullptr;  // leaves: nobody gets it any more
  UnloadReason reason = UnloadReason::kIdle;
  std::optional<ModelSource> load = std::nullopt;

  bool empty() const { return ended.empty() && unload == nullptr && !load; }
};

class ModelSchedule {
 public:
  explicit ModelSchedule(const ModelScheduleOptions& options) : options_(options) {}

  ModelTable& table() { return table_; }
  const ModelTable& table() const { return table_; }
  size_t n_waiting() const { return waiting_.size(); }
  const std::list<ModelWish>& waiting() const { return waiting_; }  // oldest first

  // Counts a lease of a model that is there and may be had now; else null. One whose file went bad
  // leaves, so that it is loaded anew for whoever asks.
  ModelTable::Pointer take(std::string_view id, int64_t now_us);
  // kBusy when too many wait, or it is closed.
  Status wait(ModelWish wish);
  // Models that nobody uses go, but for those that are named.
  void end_idle() { ends_idle_ = true; }
  // Whoever waits is refused from now on.
  void close() { closed_ = true; }

  // What to do next; empty: nothing until something changes.
  ModelTask next(int64_t now_us);
  // When there will be something to do even if nothing changes.
  std::optional<int64_t> next_us() const;

  // The load that next() asked for had no room: it is tried again when one has gone.
  void had_no_room(std::string_view id, Status why);
  // It failed. RETURNS those who waited for it.
  std::list<ModelWish> failed(std::string_view id);
  // An unloaded model has left the table.
  void removed(const ModelTable::Pointer& entry);
  // Whether one more may be loaded.
  bool has_place() const;

 private:
  bool may_be_had(LoadedModelEntry& entry) const;
  bool end_some(int64_t now_us, ModelTask& task);
  bool end_spare(ModelTask& task);
  bool load_some(ModelTask& task);
  bool goes_first(const ModelWish& wish, int64_t now_us) const;
  bool makes_room(std::string_view id) const;
  void end(std::list<ModelWish>::iterator wish, ModelTask& task);

  const ModelScheduleOptions options_;
  ModelTable table_;
  std::list<ModelWish> waiting_;  // oldest first
  bool closed_ = false;
  bool ends_idle_ = false;   // until none of them is left
  std::string no_room_for_;  // the model that did not fit; empty: none, or one has gone since
  Status no_room_;           // why
};

}  // namespace samovar::api
