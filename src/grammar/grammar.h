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
#include "json/json_fwd.h"

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace samovar::grammar {

struct SchemaOptions {
  enum class Unsupported {
    kIgnore,  // and list in ignored_keywords()
    kRefuse,  // kInvalidArgument
  };
  Unsupported unsupported = Unsupported::kIgnore;
};

class Grammar {
 public:
  // GBNF as llama.cpp has it, gbnf.h says where they differ. kInvalidArgument, with line and
  // column where there is one: what is wrong, or the limit.
  static Result<Grammar> parse_gbnf(std::string_view text, const Limits& limits = {});

  // The subset of JSON Schema that docs/decisions/0006 lists; kInvalidArgument with the JSON
  // pointer of what is wrong. Empty and true are any JSON value.
  static Result<Grammar> from_json_schema(const json::Value& schema,
                                          const SchemaOptions& options = {},
                                          const Limits& limits = {});
  // Any JSON object.
  static Result<Grammar> json_object();

  // JSON pointers of the schema's keywords that the grammar does not keep to.
  const std::vector<std::string>& ignored_keywords() const { return ignored_keywords_; }

  Matcher matcher() const { return Matcher(automaton_); }
  size_t memory_bytes() const { return automaton_->memory_bytes(); }

 private:
  static Result<Grammar> finish(Automaton automaton);
  explicit Grammar(Automaton automaton)
      : automaton_(std::make_shared<const Automaton>(std::move(automaton))) {}

  std::shared_ptr<const Automaton> automaton_;
  std::vector<std::string> ignored_keywords_;
};

}  // namespace samovar::grammar
