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

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::grammar {

// The texts around the parts of an answer; markers and tags are ASCII.
struct AnswerForm {
  std::string thought_open, thought_close;  // around a thought; empty: there are none
  std::string calls_open, calls_between, calls_close;
  // Free text ends where it stands; a beginning of calls_open. Empty: nowhere.
  std::string marker;
  bool must_call = false;  // no text and no document in place of calls
  uint32_t max_calls = 1;  // REQUIRES: > 0
};

// What stands around the arguments of a call.
struct CallText {
  std::string begin, end;
};
// An answer that begins with `lead`, white space apart, is this call: it goes on with the text.
struct BareCallText {
  std::string lead;
  CallText text;
};

class AnswerGrammar {
 public:
  explicit AnswerGrammar(const Limits& limits = {}) : limits_(limits), deadline_(limits) {}

  // The document that an answer is, in place of free text: one of these at most. An empty schema
  // means any object. kInvalidArgument says what is wrong.
  Status set_gbnf(std::string_view text);
  Status set_schema(const json::Value& schema);
  // A call that may be made; `bare`: how it may be the whole answer, with nothing around it.
  Status add_call(CallText text, const json::Value& schema,
                  std::span<const BareCallText> bare = {});

  // JSON pointers of keywords that are not kept to, of the schema that came last.
  const std::vector<std::string>& ignored_keywords() const { return ignored_; }

  // REQUIRES: a document or a call.
  Result<Grammar> compile(const AnswerForm& form);

 private:
  struct FreeText;
  struct Call {
    CallText text;
    RuleId arguments;
  };
  struct BareCall {
    BareCallText text;
    RuleId arguments;
  };
  Result<RuleId> add_schema(const json::Value& schema);
  NodeId blanks();
  FreeText text_until(std::string_view marker, NodeId behind, bool may_end);
  void add_ways(const FreeText& text, size_t matched, std::string_view except,
                std::vector<NodeId>& ways);
  NodeId one_call(const Call& call);
  NodeId text_or_bare_call(const FreeText& text);
  NodeId bare_call(const FreeText& text, std::span<const BareCall> calls, size_t n_known);
  NodeId calls(const AnswerForm& form, std::string_view open);
  NodeId text_or_calls(const AnswerForm& form);
  NodeId body(const AnswerForm& form);

  Limits limits_;
  Deadline deadline_;
  Syntax syntax_;
  std::vector<NodeId> documents_;  // none or one
  std::vector<Call> calls_;
  std::vector<BareCall> bare_calls_;
  std::vector<std::string> ignored_;
  std::string contradiction_;  // why nothing matches, should that be so
  uint32_t max_stack_ = kJsonStack;
};

}  // namespace samovar::grammar
