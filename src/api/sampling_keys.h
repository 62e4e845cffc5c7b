// How a model's file says its tokens are best drawn: the keys general.sampling.*.
//
// They stand between the program's own values and what users say: flags and requests win.
// Thread: const.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "gguf/file.h"
#include "json/json_fwd.h"
#include "sample/params.h"

#include <span>
#include <string>
#include <utility>
#include <vector>

namespace samovar::api {

struct SamplingKey;  // one of those that are numbers

class SamplingKeys {
 public:
  // kCorrupt names a key, its value and the range.
  static Result<SamplingKeys> from_gguf(const gguf::File& file);

  // Puts the values into `params`, but for the keys ("temp", ...) in `but_not`.
  void apply(std::span<const std::string> but_not, sample::Params& params) const;
  // Each key with its value, in the file's words: for people.
  json::Value to_json() const;
  bool empty() const { return numbers_.empty() && steps_.empty(); }

 private:
  std::vector<std::pair<const SamplingKey*, double>> numbers_;
  std::vector<sample::Step> steps_;  // empty: not said
};

}  // namespace samovar::api
