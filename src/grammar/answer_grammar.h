// AnswerGrammar: what an answer may be: a thought, then text or a document, then calls of tools.
//
// Free text stays free: the grammar only watches for the marker that begins calls, and keeps to
// their form and to the schemas of their arguments from there on. Knows no family of models: how
// calls are written comes in as texts. Thread: one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "grammar/gbnf.h"
#include "grammar/grammar.h"
#include "grammar/limits.h"
#include "grammar/syntax.h"
#include "json/json_fwd.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::grammar {

// The texts around the parts of an answer; markers and tags are ASCII.
struct AnswerForm {
  std::string thought_open, thought_close;  // around a thought; empty: there are none
  // Free text ends where it stands; a beginning of calls_open.
  std::string marker;
  bool marker_begins_answer = false;  // it counts only there, white space apart
  std::string calls_open, calls_between, calls_close;
  bool must_call = false;  // no text and no document in place of calls
  uint32_t max_calls = 1;  // REQUIRES: > 0
};

class AnswerGrammar {
 public:
  explicit AnswerGrammar(const Limits& limits = {}) : limits_(limits), deadline_(limits) {}

  // The document that an answer is, in place of free text: one of these at most. An empty schema
  // means any object. kInvalidArgument says what is wrong.
  Status set_gbnf(std::string_view text);
  Status set_schema(const json::Value& schema);
  // A call that may be made: `begin`, a value of the schema, `end`.
  Status add_call(std::string_view begin, const json::Value& schema, std::string_view end);

  // JSON pointers of keywords that are not kept to, of the schema that came last.
  const std::vector<std::string>& ignored_keywords() const { return ignored_; }

  // REQUIRES: a document or a call.
  Result<Grammar> compile(const AnswerForm& form);

 private:
  Result<RuleId> add_schema(const json::Value& schema);
  NodeId blanks();
  NodeId text_until(std::string_view marker, NodeId behind, bool may_end);
  NodeId text_not_begun_by(std::string_view marker, NodeId behind);
  NodeId calls(const AnswerForm& form, std::string_view open);
  NodeId body(const AnswerForm& form);

  Limits limits_;
  Deadline deadline_;
  Syntax syntax_;
  std::vector<NodeId> documents_;  // none or one
  std::vector<NodeId> calls_;
  std::vector<std::string> ignored_;
  std::string contradiction_;  // why nothing matches, should that be so
  uint32_t max_stack_ = kJsonStack;
};

}  // namespace samovar::grammar
