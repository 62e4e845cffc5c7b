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

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace samovar::grammar {

// Frames. A parenthesis of a grammar with many levels of operators may need one for each level.
inline constexpr uint32_t kGbnfStack = 1024;
// Less than the depth that JSON parsers take, ours too: a level of JSON is one frame and more.
inline constexpr uint32_t kJsonStack = 120;

struct SchemaOptions {
  enum class Unsupported {
    kIgnore,  // and list in ignored_keywords()
    kRefuse,  // kInvalidArgument
  };
  Unsupported unsupported = Unsupported::kIgnore;
};

struct SyntaxAndRoot;  // gbnf.h

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
  // Of a tree. `max_stack`: frames, kGbnfStack or kJsonStack.
  static Result<Grammar> from_syntax(const SyntaxAndRoot& tree, uint32_t max_stack,
                                     const Limits& limits, Deadline& deadline);

  // What may follow `text`, which is a beginning of this grammar's texts.
  Grammar behind(std::string text) const;

  // JSON pointers of the schema's keywords that the grammar does not keep to.
  const std::vector<std::string>& ignored_keywords() const { return ignored_keywords_; }

  Matcher matcher() const;
  size_t memory_bytes() const { return automaton_->memory_bytes(); }

 private:
  explicit Grammar(Automaton automaton)
      : automaton_(std::make_shared<const Automaton>(std::move(automaton))) {}

  std::shared_ptr<const Automaton> automaton_;
  std::string begun_;  // what its matchers have behind them
  std::vector<std::string> ignored_keywords_;
};

}  // namespace samovar::grammar
