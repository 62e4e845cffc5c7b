// Engine: the one thread that owns slots and KV cache and runs the step loop.
//
// Each step puts the rows of every answering slot and chunks of waiting prompts into one batch,
// runs it, draws tokens and hands them to the requests' sinks. A request starts once there are
// pages for its prompt and the beginning of its answer; answers that grow take more. The first that
// is given back for them are beginnings of earlier sequences, then the youngest request pauses
// until older ones have ended: whatever has started finishes, with the same text. A step without
// memory ends the requests it was for, not the thread. Must not know text, HTTP or JSON.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/arena.h"
#include "base/clock.h"
#include "base/compute_pool.h"
#include "base/status.h"
#include "base/sync.h"
#include "engine/chunk_policy.h"
#include "engine/fair_queue.h"
#include "engine/loaded_model.h"
#include "engine/prefix_tree.h"
#include "engine/request.h"
#include "engine/slot.h"
#include "engine/slot_view.h"
#include "engine/stats.h"
#include "grammar/token_masks.h"
#include "kernels/table.h"

#include <atomic>
#include <list>
#include <memory>
#include <optional>
#include <span>
#include <thread>
#include <vector>

namespace samovar::engine {

struct Options {
  int64_t n_slots = 1;           // requests at work together
  int64_t n_ctx = 4096;          // tokens of one sequence; a multiple of the KV page
  int64_t n_cache_tokens = 0;    // of the KV cache, at least n_ctx; 0: n_slots * n_ctx
  int64_t max_batch_rows = 256;  // of one step: bounds how long a prompt can hold up an answer
  int n_threads = 1;
  // The threads of the process, shared with other engines; null: n_threads of its own.
  std::shared_ptr<ComputePool> pool = nullptr;
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

  // Pages for layers with a window: those that all slots may need at once, and the last windows of
  // two beginnings for each to come back to. 0: the model has no such layers.
  static int64_t windowed_pages(const model::ModelConfig& config, const Options& options);
  // What the workspace of an engine is made for.
  static model::WorkspaceOptions workspace_options(const Options& options);

  // kInvalidArgument when the prompt is empty or does not fit the context. THREAD: any.
  Status check_prompt(std::span<const int32_t> prompt) const;
  // The same of an embedding's text, which leaves no room for an answer.
  Status check_text(std::span<const int32_t> text) const;
  // Queues a request; its sink gets events until kDone. THREAD: any. What the checks above say, or
  // kBusy when the queue is full or the engine is stopping; the sink then gets nothing.
  Status submit(Request request);
  // For Request::counted_by_asker, once for each that got its kDone. THREAD: any.
  void count_answer(const Timings& timings);
  // Soon, on the engine thread: gives back what the cache keeps for later requests, and the memory
  // of its free pages. THREAD: any.
  void forget();
  // Cancels what runs and waits, and joins the thread. Idempotent.
  void stop();

  const Options& options() const { return options_; }
  const LoadedModel& model() const { return *model_; }
  const Stats& stats() const { return stats_; }
  // As of the last step. THREAD: any; never waits for a step.
  std::vector<SlotView> slots() const { return board_.read(); }
  // Seconds after which a request that is refused now may find a place, from how long requests took
  // lately; at least 1. THREAD: any.
  int64_t retry_after_s() const;

 private:
  Engine(std::shared_ptr<const LoadedModel> model, const kernels::KernelTable& kernels,
         const Options& options, const Clock& clock);
  void run();
  bool receive();
  void obey_forget();
  void obey_stop_signs();
  void leave_queue();
  void admit();
  bool start_on_some_slot(Queued& queued);
  void shift(Slot& slot);
  void grow_answers();
  void pause(Slot& slot);
  void wait_for_pages(Slot& slot);
  void resume_paused();
  void fill_batch();
  void add_to_batch(Slot& slot, int64_t budget, int64_t max_draft);
  void step();
  void take_outputs();
  void pool_states(Slot& slot, int64_t first_state);
  void take_prompt_logits(Slot& slot, int64_t n_logits, int64_t first_logits);
  void draw_tokens_of(Slot& slot, int64_t n_logits, int64_t first_logits);
  grammar::TokenMasks& masks();
  void share(Slot& slot);
  void end_queued(Queued& queued, FinishReason reason, Status error);
  void finish(Slot& slot, FinishReason reason, Status error);
  void publish_gauges(const Slot* ending = nullptr);  // which gives its pages back

  // Constant after construction.
  std::shared_ptr<const LoadedModel> model_;
  kernels::KernelTable kernels_;
  Options options_;
  const Clock& clock_;
  std::vector<bool> is_end_;  // [n_vocab]
  const Status stopping_;     // what unfinished requests hear at the end
  const Status too_late_;

  // Shared between threads.
  Stats stats_;
  SlotBoard board_;
  std::atomic<int64_t> next_id_{0};
  std::atomic<int64_t> n_queued_{0};  // accepted and not yet on a slot
  std::atomic<bool> stop_{false};
  std::atomic<bool> forget_{false};
  Mailbox<Queued> mailbox_;

  // The engine thread's.
  std::shared_ptr<ComputePool> pool_;
  std::optional<model::KvCache> kv_;
  std::optional<PrefixTree> tree_;
  std::optional<model::Workspace> workspace_;
  std::optional<grammar::TokenMasks> masks_;  // of all grammars; made for the first one
  std::vector<Slot> slots_;
  std::list<Queued> letters_;  // received, not yet in the queue
  FairQueue queue_;
  std::vector<Slot*> paused_;  // that wait for pages, the oldest first
  std::vector<Slot*> by_age_;  // scratch of grow_answers()
  ChunkPolicy chunks_;
  model::Batch batch_;
  std::vector<Slot*> in_batch_;  // whose rows batch_ holds, in that order
  int64_t n_answer_rows_ = 0;    // of batch_; they stand before those of prompts

  std::thread thread_;
};

}  // namespace samovar::engine
