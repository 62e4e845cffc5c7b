// ModelOutline: a model's header and what a plan or a forecast reads out of it. No weight is read.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "cli/session.h"
#include "model/model_facts.h"
#include "model/weights.h"
#include "plan/plan.h"
#include "store/model_header.h"
#include "store/store.h"

#include <string>

namespace samovar::cli {

class ModelOutline {
 public:
  // As store::read_header(); kUnsupported or kCorrupt, with the model's name, for a model that
  // would not load.
  static Result<ModelOutline> read(const store::Store& models, const std::string& name);

  const std::string& name() const { return name_; }  // as it was asked for
  const store::ModelHeader& header() const { return header_; }
  const model::ModelFacts& facts() const { return facts_; }
  const model::ModelConfig& config() const { return config_; }
  uint64_t hot_bytes() const { return hot_bytes_; }  // of weights, read for each token
  const model::RowMacs& macs() const { return macs_; }

  plan::ModelFacts plan_facts(const ModelOptions& options, kernels::KvType kv) const;
  // What a server of it takes of `machine`, request bodies included unless `options` count them
  // already; errors as of plan::lay_out().
  Result<plan::Plan> lay_out(ModelOptions options, kernels::KvType kv,
                             const plan::MachineFacts& machine) const;
  // By the how-to's rule of thumb.
  uint64_t rule_of_thumb_bytes() const;

 private:
  ModelOutline(std::string name, store::ModelHeader header)
      : name_(std::move(name)), header_(std::move(header)) {}
  Status read_facts();

  std::string name_;
  store::ModelHeader header_;
  model::ModelFacts facts_;
  model::ModelConfig config_;
  uint64_t hot_bytes_ = 0;
  model::RowMacs macs_;
};

}  // namespace samovar::cli
