#include "api/grammar_cache.h"

#include "api/constraint_fields.h"
#include "json/json.h"

#include <string>

#include <doctest/doctest.h>

namespace samovar::api {
namespace {

grammar::Grammar grammar_of(const std::string& word) {
  auto made = grammar::Grammar::parse_gbnf("root ::= \"" + word + "\"");
  REQUIRE(made.ok());
  return *std::move(made);
}

bool is_same(const grammar::Grammar& a, const grammar::Grammar& b) {
  return a.matcher().automaton() == b.matcher().automaton();
}

TEST_CASE("a grammar is found by the whole text it was made from, and is the same one") {
  GrammarCache cache;
  CHECK_FALSE(cache.find("a"));
  const grammar::Grammar made = grammar_of("a");
  cache.insert("a", made);
  REQUIRE(cache.find("a"));
  CHECK(is_same(*cache.find("a"), made));
  CHECK_FALSE(cache.find("a "));
  cache.insert("a", grammar_of("a"));  // another thread was as fast
  CHECK(is_same(*cache.find("a"), made));
}

TEST_CASE("the cache keeps to its bytes, and drops what was not used for longest") {
  GrammarCache probe;
  probe.insert("a", grammar_of("x"));
  const size_t n_each = probe.memory_bytes();
  GrammarCache cache(2 * n_each);
  cache.insert("a", grammar_of("x"));
  cache.insert("b", grammar_of("x"));
  CHECK(cache.find("a"));
  cache.insert("c", grammar_of("x"));
  CHECK(cache.memory_bytes() == 2 * n_each);
  CHECK(cache.find("a"));
  CHECK_FALSE(cache.find("b"));
  CHECK(cache.find("c"));
  cache.insert(std::string(3 * n_each, 'd'), grammar_of("x"));  // larger than the cache
  CHECK(cache.find("a"));
  CHECK(cache.memory_bytes() == 2 * n_each);
}

TEST_CASE("parts of a source do not run into each other") {
  std::string first, second;
  for (const char* part : {"ab", "c"}) add_to_source(first, part);
  for (const char* part : {"a", "bc"}) add_to_source(second, part);
  CHECK(first != second);
}

TEST_CASE("the same document is compiled once, whoever asks for it") {
  GrammarCache cache;
  const auto read = [&](const char* body) {
    const json::Value object = *json::parse(body);
    Fields fields(object);
    return *read_constraint(fields, cache);
  };
  const grammar::Grammar first = read(R"({"json_schema": {"type": "integer"}})");
  const grammar::Grammar again = read(R"({"response_format": {"type": "json_schema",
                                          "json_schema": {"schema": {"type":"integer"}}}})");
  CHECK(is_same(first, again));
  CHECK_FALSE(is_same(first, read(R"({"json_schema": {"type": "boolean"}})")));
  CHECK(
      is_same(read(R"({"grammar": "root ::= \"a\""})"), read(R"({"grammar": "root ::= \"a\""})")));
}

}  // namespace
}  // namespace samovar::api
