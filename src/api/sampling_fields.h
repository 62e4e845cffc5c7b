// The members of a request that say how tokens are drawn.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/fields.h"
#include "engine/loaded_model.h"
#include "sample/params.h"

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::api {

constexpr int64_t kMaxPenaltyWindow = int64_t{1} << 20;  // tokens that a penalty looks back

// The names that `samplers` and the settings use, and llama-server's letters.
struct StepName {
  sample::Step step;
  std::string_view name;
  char letter;
};
inline constexpr std::array kStepNames = {
    StepName{sample::Step::kPenalties, "penalties", 'e'},
    StepName{sample::Step::kDry, "dry", 'd'},
    StepName{sample::Step::kTopNSigma, "top_n_sigma", 's'},
    StepName{sample::Step::kTopK, "top_k", 'k'},
    StepName{sample::Step::kTypical, "typ_p", 'y'},
    StepName{sample::Step::kTopP, "top_p", 'p'},
    StepName{sample::Step::kMinP, "min_p", 'm'},
    StepName{sample::Step::kXtc, "xtc", 'x'},
    StepName{sample::Step::kTemperature, "temperature", 't'},
};

json::Value step_names(const std::vector<sample::Step>& steps);  // an array of strings

std::vector<std::string> default_dry_breakers();

// Reads temperature, top_k and its kin, penalties, DRY, mirostat, samplers, logit_bias into
// `params`, which holds the defaults; `dry_breakers` likewise. Not the seed. Problems are left in
// `fields`.
void read_sampling_fields(Fields& fields, const tokenizer::Tokenizer& tokenizer,
                          sample::Params& params, std::vector<std::string>& dry_breakers);

}  // namespace samovar::api
