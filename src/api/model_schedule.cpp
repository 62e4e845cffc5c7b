#include "api/model_schedule.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::api {

ModelTable::Pointer ModelSchedule::take(std::string_view id, int64_t now_us) {
  const ModelTable::Pointer entry = table_.find(id);
  if (closed_ || entry == nullptr || !may_be_had(*entry)) return nullptr;
  const bool others_first =
      std::any_of(waiting_.begin(), waiting_.end(),
                  [&](const ModelWish& wish) { return goes_first(wish, now_us); });
  if (others_first) return nullptr;
  ++entry->n_leases;
  return entry;
}

Status ModelSchedule::wait(ModelWish wish) {
  if (closed_) return busy("the server is shutting down");
  if (waiting_.size() >= options_.max_waiting) {
    return busy(fmt::format("{} requests wait for their models: ask later", waiting_.size()));
  }
  waiting_.push_back(std::move(wish));
  return {};
}

ModelTask ModelSchedule::next(int64_t now_us) {
  ModelTask task;
  if (end_some(now_us, task)) return task;
  if (const ModelTable::Pointer entry = table_.expired(now_us)) {
    task.reason = !entry->check_file().ok() ? UnloadReason::kDamaged
                  : entry->leaving          ? UnloadReason::kAsked
                                            : UnloadReason::kIdle;
    task.unload = entry;
  } else if (!end_spare(task) && !load_some(task)) {
    return task;
  }
  if (task.unload != nullptr) task.unload->leaving = true;
  return task;
}

std::optional<int64_t> ModelSchedule::next_us() const {
  const std::optional<int64_t> expiry_us = table_.next_expiry_us();
  if (waiting_.empty()) return expiry_us;
  const int64_t late_us = waiting_.front().since_us + options_.patience_us;
  return std::min(late_us, expiry_us.value_or(late_us));
}

bool ModelSchedule::may_be_had(LoadedModelEntry& entry) const {
  if (options_.loads && !entry.check_file().ok()) entry.leaving = true;
  return !entry.leaving;
}

// The oldest one whose waiting is over, well or not.
bool ModelSchedule::end_some(int64_t now_us, ModelTask& task) {
  bool others_first = false;
  for (auto wish = waiting_.begin(); wish != waiting_.end(); ++wish) {
    if (wish->gone && wish->gone()) return end(wish, task), true;
    if (closed_) {
      task.error = busy("the server is shutting down");
      return end(wish, task), true;
    }
    const int64_t waited_us = now_us - wish->since_us;
    if (waited_us >= options_.patience_us) {
      task.error =
          busy(fmt::format("no place for model '{}' in {} s: all that are loaded are in use",
                           wish->source.id, waited_us / 1'000'000));
      return end(wish, task), true;
    }
    const ModelTable::Pointer entry = table_.find(wish->source.id);
    if (entry != nullptr && may_be_had(*entry) && !others_first) {
      ++entry->n_leases;
      task.lease = entry;
      return end(wish, task), true;
    }
    others_first = others_first || goes_first(*wish, now_us);
  }
  return false;
}

bool ModelSchedule::end_spare(ModelTask& task) {
  if (!ends_idle_) return false;
  task.unload = table_.spare();
  task.reason = UnloadReason::kRoom;
  ends_idle_ = task.unload != nullptr;
  return ends_idle_;
}

// For the oldest one whose model is not there: loads it, or makes room for it.
bool ModelSchedule::load_some(ModelTask& task) {
  if (!options_.loads) return false;
  const auto wish = std::find_if(waiting_.begin(), waiting_.end(), [&](const ModelWish& waiting) {
    return table_.find(waiting.source.id) == nullptr;
  });
  if (wish == waiting_.end()) return false;
  const ModelSource& source = wish->source;
  if (no_room_for_ != source.id) {
    task.load = source;
  } else if (!makes_room(source.id)) {
    task.error = no_room_;
    task.ended = failed(source.id);
  } else {
    task.unload = table_.victim();
    task.reason = UnloadReason::kRoom;
  }
  return !task.empty();
}

// It needs a place that others have, and has waited for long enough.
bool ModelSchedule::goes_first(const ModelWish& wish, int64_t now_us) const {
  return wish.source.id == no_room_for_ && now_us - wish.since_us >= options_.fairness_us;
}

bool ModelSchedule::makes_room(std::string_view id) const {
  return std::any_of(waiting_.begin(), waiting_.end(), [&](const ModelWish& wish) {
    return wish.source.id == id && wish.makes_room;
  });
}

void ModelSchedule::end(std::list<ModelWish>::iterator wish, ModelTask& task) {
  task.ended.splice(task.ended.end(), waiting_, wish);
}

void ModelSchedule::had_no_room(std::string_view id, Status why) {
  no_room_for_ = id;
  no_room_ = std::move(why);
}

std::list<ModelWish> ModelSchedule::failed(std::string_view id) {
  std::list<ModelWish> ended;
  for (auto wish = waiting_.begin(); wish != waiting_.end();) {
    const auto next = std::next(wish);
    if (wish->source.id == id) ended.splice(ended.end(), waiting_, wish);
    wish = next;
  }
  no_room_for_.clear();
  return ended;
}

void ModelSchedule::removed(const ModelTable::Pointer& entry) {
  table_.remove(entry);
  no_room_for_.clear();
}

bool ModelSchedule::has_place() const {
  return options_.max_loaded == 0 ||
         static_cast<int64_t>(table_.all().size()) < options_.max_loaded;
}

}  // namespace samovar::api
