// Model, Workspace and forward(): the network itself.
//
// A Model is config plus immutable views into the mapped file: loading it is validation, never a
// copy. forward() runs one batch on the compute pool, without allocating.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/arena.h"
#include "base/status.h"
#include "base/thread_pool.h"
#include "gguf/file.h"
#include "kernels/table.h"
#include "model/batch.h"
#include "model/config.h"
#include "model/kv_cache.h"
#include "model/rope.h"
#include "model/weights.h"

#include <memory>
#include <span>
#include <string>

namespace samovar::model {

// Const after load; shared by reference between threads.
class Model {
 public:
  // Checks every tensor's name, type and shape against the config. `file` must outlive the Model.
  static Result<Model> load(const gguf::File& file);

  const ModelConfig& config() const { return config_; }
  const Weights& weights() const { return weights_; }
  const RopeTable& rope(LayerKind kind) const {
    return kind == LayerKind::kGlobal ? rope_global_ : rope_windowed_;
  }
  uint64_t n_params() const { return n_params_; }
  // Bytes of weights read for one decoded token (the embedding table counts one row).
  uint64_t bytes_per_token() const { return bytes_per_token_; }

 private:
  ModelConfig config_;
  Weights weights_;
  RopeTable rope_global_, rope_windowed_;
  uint64_t n_params_ = 0, bytes_per_token_ = 0;
};

struct WorkspaceOptions {
  int64_t max_rows = 256;       // rows of one batch
  int64_t max_logit_rows = 16;  // rows of one batch that want logits
};

// OWNS every scratch buffer of forward(), sized once. One per engine thread.
class Workspace {
 public:
  static Result<Workspace> create(const ModelConfig& config, const WorkspaceOptions& options,
                                  Ledger& ledger);
  // What create() will charge: for the plan.
  static uint64_t size_bytes(const ModelConfig& config, const WorkspaceOptions& options);
  Workspace(Workspace&&) noexcept;
  Workspace& operator=(Workspace&&) noexcept;
  ~Workspace();

  const WorkspaceOptions& options() const;
  // Logits of the i-th row that wanted them in the last forward(): [n_vocab] f32, writable.
  std::span<float> logits(int64_t i) const;
  // Final state of the i-th row that wanted logits or its state in the last forward(): [d_model].
  // Valid until the next forward().
  std::span<const float> state(int64_t i) const;

 private:
  friend class ForwardPass;
  Workspace();
  struct Buffers;
  std::unique_ptr<Buffers> buffers_;
};

// Runs the batch: writes keys and values of all rows into `kv`, logits and final states of the rows
// that want them into `workspace`. Rows' results do not depend on each other, on the pool's size or
// on chunking (docs/formats/activations.md). kInvalidArgument when the batch breaks a limit of
// `workspace` or holds a token outside the vocabulary.
Status forward(const Model& model, const kernels::KernelTable& kernels, const Batch& batch,
               KvCache& kv, Workspace& workspace, ThreadPool& pool);

}  // namespace samovar::model
