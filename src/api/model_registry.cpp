#include "api/model_registry.h"

#include "api/model_registry_shared.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

namespace samovar::api {

// Gives a lease back.
struct ModelRegistry::Release {
  std::shared_ptr<Shared> shared;
  ModelTable::Pointer entry;
  const Clock* clock;
  bool is_use;

  void operator()(const ServedModel*) const {
    MutexLock lock(shared->mutex);
    --entry->n_leases;
    if (is_use) entry->used_us = clock->monotonic_us();
    if (entry->n_leases > 0) return;
    engine::Engine* const engine = entry->model->engine.get();
    if (std::exchange(entry->forgets, false) && engine != nullptr) engine->forget();
    shared->changed.notify_all();
  }
};

namespace {

// How a load ended, for the thread that waits for it. Needs no memory to be told.
class Ending {
 public:
  void set(const Status& status) {
    MutexLock lock(mutex_);
    if (!status_) status_ = status;
    changed_.notify_all();
  }
  Status wait() {
    MutexLock lock(mutex_);
    while (!status_) changed_.wait(mutex_);
    return *status_;
  }

 private:
  Mutex mutex_;
  CondVar changed_;
  std::optional<Status> status_ SAMOVAR_TSA(guarded_by(mutex_));
};

// Lives as long as the wish: one that is let go unanswered has ended for lack of memory.
class Witness {
 public:
  explicit Witness(std::shared_ptr<Ending> ending) : ending_(std::move(ending)) {}
  Witness(const Witness&) = delete;
  Witness& operator=(const Witness&) = delete;
  ~Witness() { ending_->set(out_of_memory()); }
  void end(const Status& status) const { ending_->set(status); }

 private:
  std::shared_ptr<Ending> ending_;
};

void add_loaded(const LoadedModelEntry& entry, ModelFigures& out) {
  const ServedModel& served = *entry.model;
  out.loaded = true;
  if (served.model != nullptr) out.file_bytes = served.model->file().size_bytes();
  if (served.ledger != nullptr) {
    out.kv_cache_bytes = served.ledger->used_bytes(MemoryUse::kKvCache);
    out.workspace_bytes = served.ledger->used_bytes(MemoryUse::kWorkspace);
  }
  if (served.engine == nullptr) return;
  out.n_cache_tokens = served.engine->options().n_cache_tokens;
  out.stats.add_counts(served.engine->stats());
  out.stats.add_gauges(served.engine->stats());
}

}  // namespace

ModelRegistry::ModelRegistry(ModelRegistryOptions options, const Clock& clock)
    : options_(std::move(options)),
      clock_(clock),
      shared_(std::make_shared<Shared>(ModelScheduleOptions{.loads = options_.load != nullptr,
                                                            .max_loaded = options_.max_loaded,
                                                            .patience_us = options_.patience_us,
                                                            .fairness_us = options_.fairness_us,
                                                            .max_waiting = options_.max_waiting})) {
  thread_ = std::thread([this] { run(); });
}

ModelRegistry::~ModelRegistry() {
  stop();
}

void ModelRegistry::set_timer(Timer timer) {
  MutexLock lock(shared_->mutex);
  shared_->timer = std::move(timer);
  shared_->changed.notify_all();
}

// REQUIRES: it is counted. Not under the lock: without memory for it the count is given back.
ServedPointer ModelRegistry::lease_of(const ModelTable::Pointer& entry, bool is_use) const {
  return {entry->model.get(), Release{shared_, entry, &clock_, is_use}};
}

ServedPointer ModelRegistry::lease(std::string_view id) {
  ModelTable::Pointer entry;
  {
    MutexLock lock(shared_->mutex);
    entry = shared_->schedule.take(id, clock_.monotonic_us());
    if (entry == nullptr) shared_->changed.notify_all();  // it may have to leave
  }
  return entry == nullptr ? nullptr : lease_of(entry, true);
}

Status ModelRegistry::wait(ModelWish wish) {
  wish.since_us = clock_.monotonic_us();
  MutexLock lock(shared_->mutex);
  SAMOVAR_TRY(shared_->schedule.wait(std::move(wish)));
  shared_->changed.notify_all();
  return {};
}

Status ModelRegistry::load(const ModelSource& source) {
  const auto ending = std::make_shared<Ending>();
  auto witness = std::make_shared<const Witness>(ending);
  SAMOVAR_TRY(
      wait({.source = source,
            .on_end = [witness = std::move(witness)](
                          const Result<ServedPointer>& model) { witness->end(model.status()); },
            .makes_room = false}));
  return ending->wait();
}

void ModelRegistry::adopt(ModelSource source, ServedPointer model) {
  add(std::move(source), {.model = std::move(model)}, kForever);
}

bool ModelRegistry::unload(std::string_view id) {
  MutexLock lock(shared_->mutex);
  const ModelTable::Pointer entry = shared_->schedule.table().find(id);
  if (entry == nullptr || (entry->source.named && !options_.may_unload_named)) return false;
  entry->leaving = true;
  shared_->changed.notify_all();
  return true;
}

void ModelRegistry::end_idle() {
  MutexLock lock(shared_->mutex);
  shared_->schedule.end_idle();
  shared_->changed.notify_all();
}

void ModelRegistry::keep(std::string_view id, int64_t keep_alive_us) {
  MutexLock lock(shared_->mutex);
  const ModelTable::Pointer entry = shared_->schedule.table().find(id);
  if (entry == nullptr) return;
  if (entry->source.named && !options_.may_unload_named) {
    entry->forgets = keep_alive_us == 0;
    return;
  }
  entry->keep_alive_us = keep_alive_us;
  shared_->changed.notify_all();
}

std::vector<ModelRegistry::View> ModelRegistry::views() const {
  std::vector<View> out;
  {
    MutexLock lock(shared_->mutex);
    const int64_t now_us = clock_.monotonic_us();
    for (const ModelTable::Pointer& entry : shared_->schedule.table().all()) {
      View view{
          .source = entry->source, .left_us = entry->keep_alive_us, .leaving = entry->leaving};
      if (view.left_us != kForever && entry->n_leases == 0) {
        view.left_us = std::max<int64_t>(0, entry->used_us + entry->keep_alive_us - now_us);
      }
      out.push_back(std::move(view));
    }
  }
  for (View& view : out) view.model = peek(view.source.id);
  return out;
}

ServedPointer ModelRegistry::peek(std::string_view id) const {
  ModelTable::Pointer entry;
  {
    MutexLock lock(shared_->mutex);
    entry = shared_->schedule.table().find(id);
    if (entry == nullptr || entry->leaving) return nullptr;
    ++entry->n_leases;
  }
  return lease_of(entry, false);
}

std::string ModelRegistry::loading() const {
  MutexLock lock(shared_->mutex);
  return shared_->loading;
}

std::string ModelRegistry::failure_of(const std::string& id) const {
  MutexLock lock(shared_->mutex);
  const ModelTable::Pointer entry = shared_->schedule.table().find(id);
  if (entry != nullptr) return std::string(entry->check_file().message());
  const auto found = shared_->failures.find(id);
  return found == shared_->failures.end() ? std::string() : found->second;
}

void ModelRegistry::each_loaded(const std::function<void(const LoadedModelEntry&)>& visit) const {
  MutexLock lock(shared_->mutex);
  for (const ModelTable::Pointer& entry : shared_->schedule.table().all()) visit(*entry);
}

std::list<ModelFigures> ModelRegistry::figures() const {
  std::list<ModelFigures> out;
  const auto of = [&out](const std::string& id) -> ModelFigures& {
    const auto found = std::find_if(out.begin(), out.end(),
                                    [&](const ModelFigures& figures) { return figures.id == id; });
    if (found != out.end()) return *found;
    out.emplace_back().id = id;
    return out.back();
  };
  MutexLock lock(shared_->mutex);
  for (const auto& [id, stats] : shared_->retired) of(id).stats.add_counts(stats);
  for (const ModelTable::Pointer& entry : shared_->schedule.table().all()) {
    add_loaded(*entry, of(entry->source.id));
  }
  for (const ModelWish& wish : shared_->schedule.waiting()) ++of(wish.source.id).n_waiting;
  return out;
}

ModelRegistry::Totals ModelRegistry::totals() const {
  MutexLock lock(shared_->mutex);
  Totals totals = shared_->totals;
  totals.n_waiting = static_cast<int64_t>(shared_->schedule.n_waiting());
  totals.planned_bytes = options_.process_bytes + shared_->schedule.table().reserved_bytes();
  return totals;
}

int64_t ModelRegistry::retry_after_s() const {
  std::optional<int64_t> least_s;
  each_loaded([&](const LoadedModelEntry& entry) {
    const int64_t s = entry.model->engine != nullptr ? entry.model->engine->retry_after_s() : 1;
    least_s = std::min(least_s.value_or(s), s);
  });
  return least_s.value_or(1);
}

void ModelRegistry::close() {
  MutexLock lock(shared_->mutex);
  shared_->schedule.close();
  shared_->changed.notify_all();
}

void ModelRegistry::stop() {
  {
    MutexLock lock(shared_->mutex);
    shared_->schedule.close();
    shared_->stopped = true;
    shared_->timer = nullptr;
    shared_->changed.notify_all();
  }
  if (thread_.joinable()) thread_.join();
  std::vector<ModelTable::Pointer> entries;  // as the thread left them
  {
    MutexLock lock(shared_->mutex);
    entries = shared_->schedule.table().all();
  }
  for (const ModelTable::Pointer& entry : entries) {
    if (entry->model->engine != nullptr) entry->model->engine->stop();
  }
}

}  // namespace samovar::api
