// The registry's thread: loads and unloads, one after the other.
#include "api/model_registry_shared.h"
#include "base/log.h"
#include "engine/guarded.h"

#include <algorithm>
#include <list>
#include <utility>

#include <fmt/format.h>

namespace samovar::api {

// One task after another. Where memory or threads run out, who waited loses his request and the
// next task goes on.
void ModelRegistry::run() {
  for (bool goes_on = true; goes_on;) {
    engine::guarded([&]() -> Status {
      std::optional<ModelTask> task = next_task();
      goes_on = task.has_value();
      if (goes_on) perform(*std::move(task));
      return {};
    }).ignore("responders that are let go say it");
  }
  candidate_.reset();
}

// Waits for it; nothing: it is time to end, and nobody waits any more.
std::optional<ModelTask> ModelRegistry::next_task() {
  MutexLock lock(shared_->mutex);
  for (;;) {
    const int64_t now_us = clock_.monotonic_us();
    if (shared_->stopped && shared_->schedule.n_waiting() == 0) return std::nullopt;
    ModelTask task = shared_->schedule.next(now_us);
    if (task.load) shared_->loading = task.load->id;
    if (!task.empty()) return task;
    shared_->arm_timer(shared_, now_us);
    // The timer counts from when it was armed: what became due before that does not wait for it.
    const std::optional<int64_t> due_us = shared_->schedule.next_us();
    const bool is_due = due_us && *due_us > now_us && *due_us <= clock_.monotonic_us();
    if (!is_due) shared_->changed.wait(shared_->mutex);
  }
}

void ModelRegistry::Shared::arm_timer(const std::shared_ptr<Shared>& self, int64_t now_us) {
  const std::optional<int64_t> next_us = schedule.next_us();
  if (!timer || !next_us || (armed_us != 0 && armed_us <= *next_us)) return;
  armed_us = *next_us;
  timer((std::max<int64_t>(0, *next_us - now_us) + 999) / 1000, [weak = std::weak_ptr(self)] {
    const auto shared = weak.lock();
    if (shared == nullptr) return;
    MutexLock lock(shared->mutex);
    shared->armed_us = 0;
    shared->changed.notify_all();
  });
}

void ModelRegistry::perform(ModelTask task) {
  for (ModelWish& wish : task.ended) {
    if (task.lease != nullptr) {
      wish.on_end(lease_of(task.lease, true));
    } else if (!task.error.ok()) {
      wish.on_end(task.error);
    }
  }
  if (task.unload != nullptr) unload_now(std::exchange(task.unload, nullptr), task.reason);
  if (task.load) load_now(*task.load);
  const bool nobody_waits = [this] {
    MutexLock lock(shared_->mutex);
    return shared_->schedule.n_waiting() == 0;
  }();
  if (nobody_waits) candidate_.reset();  // whoever wanted it has gone
}

// REQUIRES: nobody uses it, and nobody gets it any more.
void ModelRegistry::unload_now(const ModelTable::Pointer& entry, UnloadReason reason) {
  const engine::Engine* const engine = entry->model->engine.get();
  if (engine != nullptr) entry->model->engine->stop();
  {
    MutexLock lock(shared_->mutex);
    if (engine != nullptr) shared_->retired[entry->source.id].add_counts(engine->stats());
    shared_->schedule.removed(entry);
    ++shared_->totals.n_unloads;
    if (reason == UnloadReason::kDamaged) {
      shared_->failures[entry->source.id] = entry->check_file().message();
    }
  }
  entry->model.reset();
  if (options_.on_unload) options_.on_unload(entry->source, reason);
}

void ModelRegistry::load_now(const ModelSource& source) {
  Result<StartedModel> started = out_of_memory();
  Status status = engine::guarded([&]() -> Status {
    started = start_candidate(source);
    return {};
  });
  if (!status.ok()) started = std::move(status);
  if (started.ok()) {
    candidate_.reset();
    return add(source, *std::move(started), source.named ? kForever : options_.keep_alive_us);
  }
  {
    MutexLock lock(shared_->mutex);
    shared_->loading.clear();
    const bool is_alone = shared_->schedule.table().all().empty();
    if (started.status().code() == Code::kBusy && !is_alone) {
      return shared_->schedule.had_no_room(source.id, started.status());
    }
  }
  candidate_.reset();
  fail(source.id, started.status());
}

// Reads the file once, however often it takes until there is room: a broken one drives nobody out.
Result<StartedModel> ModelRegistry::start_candidate(const ModelSource& source) {
  if (!candidate_ || candidate_->id != source.id) {
    candidate_.reset();
    SAMOVAR_ASSIGN(ModelStarter start, options_.load(source));
    candidate_ = {source.id, std::move(start)};
  }
  uint64_t reserved_bytes = 0;
  {
    MutexLock lock(shared_->mutex);
    if (!shared_->schedule.has_place()) {
      return busy(fmt::format("{}: {} models are loaded already, which is --models-max", source.id,
                              options_.max_loaded));
    }
    reserved_bytes = shared_->schedule.table().reserved_bytes();
  }
  return candidate_->start(reserved_bytes);
}

void ModelRegistry::fail(const std::string& id, const Status& status) {
  log::warning("{} is not loaded: {}", id, status.message());
  std::list<ModelWish> ended;
  {
    MutexLock lock(shared_->mutex);
    ended = shared_->schedule.failed(id);
    ++shared_->totals.n_failures;
    shared_->failures[id] = status.message();
  }
  for (const ModelWish& wish : ended) wish.on_end(status);
}

void ModelRegistry::add(ModelSource source, StartedModel started, int64_t keep_alive_us) {
  auto entry =
      std::make_shared<LoadedModelEntry>(LoadedModelEntry{.source = std::move(source),
                                                          .model = std::move(started.model),
                                                          .reserved_bytes = started.reserved_bytes,
                                                          .keep_alive_us = keep_alive_us,
                                                          .used_us = clock_.monotonic_us()});
  MutexLock lock(shared_->mutex);
  shared_->loading.clear();
  shared_->failures.erase(entry->source.id);
  ++shared_->totals.n_loads;
  shared_->schedule.table().add(std::move(entry));
  shared_->changed.notify_all();
}

}  // namespace samovar::api
