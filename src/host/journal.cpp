#include "host/journal.h"

#include "json/json.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::host {
namespace {

constexpr int64_t kVersion = 1;

}  // namespace

struct Journal::Entry {
  ChangePointer change;
  json::Value before;
};

Journal::Journal(const Machine& machine, std::string path)
    : machine_(&machine), path_(std::move(path)) {}
Journal::~Journal() = default;
Journal::Journal(Journal&&) noexcept = default;

Result<Journal> Journal::open(const Machine& machine, std::string path) {
  Journal journal(machine, std::move(path));
  if (const Status status = journal.read(); !status.ok()) {
    return status.with_context(journal.path_);
  }
  return journal;
}

size_t Journal::size() const {
  return entries_.size();
}

const Change& Journal::change(size_t i) const {
  return *entries_[i].change;
}

Status Journal::read() {
  SAMOVAR_ASSIGN(const auto text, machine_->read(path_));
  if (!text) return {};
  SAMOVAR_ASSIGN(const json::Value document, json::parse(*text));
  const bool is_ours = document.is_object() && document.contains("version") &&
                       document.contains("entries") && document["entries"].is_array();
  if (!is_ours) return corrupt("expected an object with version and entries");
  if (document["version"] != kVersion) {
    return unsupported(fmt::format("version: expected {}, found {}; use the samovar that wrote it",
                                   kVersion, json::dump(document["version"])));
  }
  for (const json::Value& entry : document["entries"]) {
    if (!entry.is_object() || !entry.contains("change") || !entry.contains("before")) {
      return corrupt("entries: expected objects with change and before");
    }
    SAMOVAR_ASSIGN(ChangePointer change, parse_change(entry["change"]));
    entries_.push_back({std::move(change), entry["before"]});
  }
  return {};
}

Status Journal::write() const {
  if (entries_.empty()) {
    SAMOVAR_TRY(machine_->remove(path_));
    machine_->remove(path_.substr(0, path_.rfind('/'))).ignore("others may have put files there");
    return {};
  }
  json::Value entries = json::Value::array();
  for (const Entry& entry : entries_) {
    entries.push_back({{"change", entry.change->to_json()}, {"before", entry.before}});
  }
  return machine_->replace(path_, json::dump({{"version", kVersion}, {"entries", entries}}) + "\n");
}

bool Journal::has(const json::Value& change) const {
  return std::any_of(entries_.begin(), entries_.end(),
                     [&](const Entry& entry) { return entry.change->to_json() == change; });
}

Result<bool> Journal::apply(const Change& change) {
  SAMOVAR_ASSIGN(const bool holds, change.holds(*machine_));
  if (holds) return false;
  const json::Value value = change.to_json();
  if (!has(value)) {
    SAMOVAR_ASSIGN(json::Value before, change.before(*machine_));
    SAMOVAR_ASSIGN(ChangePointer copy, parse_change(value));
    entries_.push_back({std::move(copy), std::move(before)});
    SAMOVAR_TRY(write());
  }
  SAMOVAR_TRY(change.apply(*machine_));
  return true;
}

Status Journal::undo(size_t i) {
  return end(i, &Change::undo);
}

Status Journal::forget(size_t i) {
  return end(i, &Change::forget);
}

Status Journal::end(size_t i, Way way) {
  const Entry& entry = entries_[i];
  try {
    SAMOVAR_TRY((entry.change.get()->*way)(*machine_, entry.before));
  } catch (const json::Value::exception& error) {
    return corrupt(fmt::format("{}: entry {}: {}", path_, i, error.what()));
  }
  entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(i));
  return write();
}

}  // namespace samovar::host
