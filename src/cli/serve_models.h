// ServeModels: which models `serve` serves, how many at a time, and how they are loaded.
//
// None named: all of the store, on demand. THREAD: flags on the main one; loads on the registry's.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/api.h"
#include "base/compute_pool.h"
#include "cli/environment.h"
#include "cli/flags.h"
#include "cli/session.h"
#include "store/store.h"

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace samovar::cli {

// "512M", "2GiB", "1500000000": bytes; units are powers of 1024.
Result<uint64_t> parse_bytes(const std::string& text, std::string_view flag = "--memory");

class ServeModels {
 public:
  void declare(Flags& flags);
  // Finds the files of the named models and tells the API of all. `model` holds what every model
  // is loaded with; `aliases`: names that the command line gives the only one. BORROWS the
  // environment.
  Status settle(api::ApiOptions& options, ModelOptions model,
                const std::vector<std::string>& aliases, const Environment& environment);
  // Of request bodies in memory at a time, as the plans have it. REQUIRES: settle().
  uint64_t http_bytes() const { return options_.http_bytes; }
  // The compute threads of all models, and whether they follow the CPU quota: nobody said how many.
  // REQUIRES: settle().
  const std::shared_ptr<ComputePool>& pool() const { return options_.pool; }
  bool follows_cpu() const { return options_.threads == 0; }
  // Loads the named models as far as they fit together, and tells about it; pulls those that are
  // not here where that was asked for. One that cannot be had or loaded at all is an error. Ends
  // early once `told_to_end`. REQUIRES: settle().
  Status load_named(api::Api& api, const std::atomic<bool>& told_to_end) const;
  // "smollm2:135m", "a, b", "store": for lists of servers.
  std::string summary() const;

 private:
  Status pull_named(const std::atomic<bool>& told_to_end) const;
  Result<std::string> path_of(const api::ModelSource& source) const;
  Status name_models(const store::Store& models, const std::vector<std::string>& aliases);
  void tell_where_models_are() const;
  Result<api::ModelStarter> load(const api::ModelSource& source) const;

  std::vector<std::string> arguments_;
  std::string model_, hf_repo_, folder_, keep_alive_ = "5m", memory_ = "0";
  int64_t max_loaded_ = 4;
  bool autoload_ = true, no_autoload_ = false, allow_unload_ = false, pulls_ = false;

  std::vector<api::ModelSource> named_;
  std::map<std::string, std::string> absent_;  // id -> name in the store, of those to be pulled
  ModelOptions options_;
  std::shared_ptr<const store::Store> store_;
  const Environment* environment_ = nullptr;
};

}  // namespace samovar::cli
