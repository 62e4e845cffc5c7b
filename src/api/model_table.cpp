#include "api/model_table.h"

#include <algorithm>
#include <tuple>

namespace samovar::api {
namespace {

bool idle(const LoadedModelEntry& entry) {
  return entry.n_leases == 0;
}

// REQUIRES: it is not kept for ever.
int64_t end_us(const LoadedModelEntry& entry) {
  return entry.used_us + entry.keep_alive_us;
}

}  // namespace

Status LoadedModelEntry::check_file() const {
  return model != nullptr && model->model != nullptr ? model->model->check_mapping() : Status();
}

ModelTable::Pointer ModelTable::find(std::string_view id) const {
  const auto found = std::find_if(entries_.begin(), entries_.end(),
                                  [&](const Pointer& entry) { return entry->source.id == id; });
  return found == entries_.end() ? nullptr : *found;
}

uint64_t ModelTable::reserved_bytes() const {
  uint64_t sum = 0;
  for (const Pointer& entry : entries_) sum += entry->reserved_bytes;
  return sum;
}

ModelTable::Pointer ModelTable::victim() const {
  const auto order = [](const Pointer& entry) {
    return std::tuple(entry->keep_alive_us == kForever, entry->used_us);
  };
  Pointer first;
  for (const Pointer& entry : entries_) {
    if (idle(*entry) && (first == nullptr || order(entry) < order(first))) first = entry;
  }
  return first;
}

ModelTable::Pointer ModelTable::spare() const {
  const auto found = std::find_if(entries_.begin(), entries_.end(), [](const Pointer& entry) {
    return idle(*entry) && !entry->source.named;
  });
  return found == entries_.end() ? nullptr : *found;
}

ModelTable::Pointer ModelTable::expired(int64_t now_us) const {
  for (const Pointer& entry : entries_) {
    if (!idle(*entry)) continue;
    if (entry->leaving) return entry;
    if (entry->keep_alive_us != kForever && end_us(*entry) <= now_us) return entry;
  }
  return nullptr;
}

std::optional<int64_t> ModelTable::next_expiry_us() const {
  std::optional<int64_t> next;
  for (const Pointer& entry : entries_) {
    if (!idle(*entry) || entry->keep_alive_us == kForever) continue;
    next = std::min(next.value_or(end_us(*entry)), end_us(*entry));
  }
  return next;
}

}  // namespace samovar::api
