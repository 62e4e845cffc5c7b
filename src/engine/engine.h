// Engine: the one thread that owns slots and KV cache and runs the step loop.
//
// Each step puts the decode row of every answering slot and chunks of waiting prompts into one
// batch, runs it, draws tokens and hands them to the requests' sinks. A step without memory ends
// the requests it was for, not the thread. Must not know text, HTTP or JSON.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/arena.h"
#include "base/clock.h"
#include "base/status.h"
#include "base/sync.h"
#include "base/thread_pool.h"
#include "engine/loaded_model.h"
#include "engine/request.h"
#include "engine/slot.h"
#include "engine/stats.h"
#include "kernels/table.h"

#include <atomic>
#include <list>
#include <memory>
#include <optional>
#include <thread>
#include <vector>

namespace samovar::engine {

struct Options {
  int64_t n_slots = 1;
  int64_t n_ctx = 4096;          // tokens of one slot; a multiple of the KV page
  int64_t max_batch_rows = 256;  // of one step: bounds how long a prompt can hold up an answer
  int n_threads = 1;
  int64_t max_queue = 512;  // requests waiting for a slot
  kernels::KvType kv_type = kernels::KvType::kI16;
};

class Engine {
 public:
  // Allocates KV cache and workspace from `ledger` (which must outlive the engine) and starts the
  // thread.
  static Result<std::unique_ptr<Engine>> create(std::shared_ptr<const LoadedModel> model,
                                                const kernels::KernelTable& kernels,
                                                const Options& options, Ledger& ledger,
                                                const Clock& clock = system_clock());
  ~Engine();  // stop()
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  // Queues a request; its sink gets events until kDone. THREAD: any. kInvalidArgument when the
  // prompt is empty or does not fit the context, kBusy when the queue is full or the engine is
  // stopping; the sink then gets nothing.
  Status submit(Request request);
  // Cancels what runs and waits, and joins the thread. Idempotent.
  void stop();

  const Options& options() const { return options_; }
  const LoadedModel& model() const { return *model_; }
  const Stats& stats() const { return stats_; }

 private:
  struct Queued {
    Request request;
    int64_t queued_us;
  };
  Engine(std::shared_ptr<const LoadedModel> model, const kernels::KernelTable& kernels,
         const Options& options, const Clock& clock);
  void run();
  bool receive();
  void obey_stop_signs();
  void leave_queue();
  void admit();
  bool start_on_some_slot(Queued& queued);
  void fill_batch();
  void step();
  void draw_tokens();
  void end_queued(Queued& queued, FinishReason reason, Status error);
  void finish(Slot& slot, FinishReason reason, Status error);
  void publish_gauges();

  // Constant after construction.
  std::shared_ptr<const LoadedModel> model_;
  kernels::KernelTable kernels_;
  Options options_;
  const Clock& clock_;
  std::vector<bool> is_end_;  // [n_vocab]
  const Status stopping_;     // what unfinished requests hear at the end

  // Shared between threads.
  Stats stats_;
  std::atomic<int64_t> n_queued_{0};  // accepted and not yet on a slot
  std::atomic<bool> stop_{false};
  Mailbox<Queued> mailbox_;

  // The engine thread's.
  std::optional<ThreadPool> pool_;
  std::optional<model::KvCache> kv_;
  std::optional<model::Workspace> workspace_;
  std::vector<Slot> slots_;
  std::list<Queued> queue_;
  model::Batch batch_;
  std::vector<Slot*> in_batch_;  // whose rows batch_ holds, in that order

  std::thread thread_;
};

}  // namespace samovar::engine
