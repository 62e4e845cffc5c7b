// Grammar: which texts a request allows, compiled.
//
// Made from GBNF or a JSON Schema; knows bytes, not tokens (token_masks.h does). Compiling uses
// neither recursion nor unbounded time or memory: Limits are errors. Thread: immutable; copies
// share the automaton.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "grammar/automaton.h"
#include "grammar/limits.h"
#include "grammar/matcher.h"

#include <memory>
#include <string_view>
#include <utility>

namespace samovar::grammar {

class Grammar {
 public:
  // GBNF as llama.cpp has it, gbnf.h says where they differ. kInvalidArgument, with line and
  // column where there is one: what is wrong, or the limit.
  static Result<Grammar> parse_gbnf(std::string_view text, const Limits& limits = {});

  Matcher matcher() const { return Matcher(automaton_); }
  size_t memory_bytes() const { return automaton_->memory_bytes(); }

 private:
  static Result<Grammar> finish(Automaton automaton);
  explicit Grammar(Automaton automaton)
      : automaton_(std::make_shared<const Automaton>(std::move(automaton))) {}

  std::shared_ptr<const Automaton> automaton_;
};

}  // namespace samovar::grammar
