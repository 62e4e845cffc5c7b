// The members of a request that say what its answer must look like: `grammar` (GBNF), `json_schema`
// and `response_format`.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/fields.h"
#include "api/grammar_cache.h"
#include "grammar/grammar.h"
#include "json/json.h"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::api {

// What an answer is to be. Include from .cpp files only.
struct AnswerDocument {
  std::string param;   // names the member in errors
  std::string gbnf;    // empty: the schema says it
  json::Value schema;  // an empty object means any object
};

// None when the request asks for nothing. Problems are left in `fields`; whether a grammar is one
// is not looked at.
std::optional<AnswerDocument> read_document(Fields& fields);

// The grammar that the request asks for; none when it asks for nothing. Problems, those of the
// grammar itself included, are left in `fields`. What a schema asks beyond the supported subset is
// logged and not kept to. What `cache` does not know may take 100 ms: not on an I/O thread.
std::optional<grammar::Grammar> read_constraint(Fields& fields, GrammarCache& cache);

// True where a body has a member of that kind, Ollama's `format` and tools included: its request
// will compile a grammar.
bool asks_for_form(const json::Value& body);

// Logs what answers need not keep to.
void warn_of_ignored(std::string_view param, const std::vector<std::string>& keywords);

}  // namespace samovar::api
