// GenerationFields: the sampling, length and reporting members that all generation requests share.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/fields.h"
#include "api/reasoning_fields.h"
#include "api/sampling_fields.h"
#include "engine/context_shift.h"
#include "grammar/grammar.h"
#include "sample/chances.h"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace samovar::api {

// How a family of clients spells what differs between families.
enum class Dialect : uint8_t {
  kChat,        // logprobs is a boolean, top_logprobs a number
  kCompletion,  // logprobs is a number
  kNative,      // llama-server's own: n_probs, response_fields
};

inline constexpr int64_t kMaxChoices = 128;
inline constexpr int64_t kMaxTopLogprobs = 20;
inline constexpr int64_t kMaxProbabilities = 1000;

// What a request leaves open is taken from here (server flags).
struct GenerationDefaults {
  sample::Params sampling;
  // Keys of model files ("temp", ...) whose flags were given: those win over a file's.
  std::vector<std::string> sampling_given;
  std::optional<uint32_t> seed;  // none: another one each time
  int64_t max_tokens = -1;       // -1: to the end of the context
  std::vector<std::string> stop;
  bool verbose = false;
  bool speculate = true;       // drafts from the request's own text
  bool context_shift = false;  // a full context drops tokens instead of ending the answer
  int64_t n_keep = 0;          // of which these first ones stay; -1: the prompt
  ReasoningDefaults reasoning;
};

struct GenerationFields {
  sample::Params sampling;
  std::vector<std::string> dry_breakers;
  int64_t max_tokens = -1;
  int64_t n = 1;
  std::vector<std::string> stop;
  bool ignore_eos = false;
  bool stream = false;
  bool include_usage = false;
  sample::ChanceWish chances;
  // What the answer keeps to. Not read with the others: to compile it takes long, and it depends on
  // the tools.
  std::optional<grammar::Grammar> grammar;
  std::string gbnf;  // what the request wrote of it
  bool return_tokens = false;
  bool timings_per_token = false;
  bool return_progress = false;
  bool verbose = false;
  ReasoningFormat reasoning_format = ReasoningFormat::kNone;
  std::vector<std::string> response_fields;  // empty: all
  int64_t t_max_predict_ms = 0;              // <= 0: no limit
  int64_t ping_interval_s = 10;              // -1: no pings
  bool context_shift = false;
  int64_t n_keep = 0, n_discard = 0;  // as engine::ContextShift has them, without a BOS
  int64_t n_ctx = 0;                  // tokens of prompt and answer at most; 0: the slot's
  // Taken and shown; without effect yet.
  int64_t n_indent = 0, n_cache_reuse = 0, id_slot = -1;
  bool cache_prompt = true;
};

// Member `stop`: a text, or up to 256 of them with 64 KiB in all; empty ones are left out.
std::vector<std::string> read_stops(Fields& fields);

// What llama-server does with these members: the BOS stays beside the n_keep tokens.
engine::ContextShift context_shift(const tokenizer::Vocabulary& vocabulary, int64_t n_keep,
                                   int64_t n_discard);

// Reads everything but the prompt and the grammar. Problems are left in `fields`.
GenerationFields read_generation_fields(Fields& fields, Dialect dialect,
                                        const GenerationDefaults& defaults,
                                        const tokenizer::Tokenizer& tokenizer);

}  // namespace samovar::api
