// Parser: tokens -> Program. Recursive descent, bounded by RenderLimits::max_depth.
//
// parse_program() is the entry; the class is split over parser.cpp (tokens), parser_operators.cpp
// and parser_operands.cpp (expressions) and parser_statements.cpp (tags). Grammar and precedences
// as in Jinja 3.1. Thread: pure. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "chat/ast.h"
#include "chat/lexer.h"

#include <algorithm>
#include <initializer_list>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace samovar::chat {

Result<std::shared_ptr<const Program>> parse_program(std::string_view source,
                                                     const RenderLimits& limits);

inline std::vector<ExprPtr> list_of(ExprPtr first) {
  std::vector<ExprPtr> list;
  list.push_back(std::move(first));
  return list;
}

class Parser {
 public:
  // BORROWS `program`; its text must be set and is not changed.
  Parser(Program& program, std::vector<Token> tokens);
  Status run();

 private:
  using Names = std::initializer_list<std::string_view>;

  // Tokens.
  const Token& current() const { return tokens_[at_]; }
  const Token& look() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
  void advance() { at_ = std::min(at_ + 1, tokens_.size() - 1); }
  bool skip_operator(std::string_view op);
  bool skip_name(std::string_view name);
  Status expect_operator(std::string_view op);
  Status expect_kind(TokenKind kind, std::string_view what);
  Result<std::string_view> expect_name();
  Status error(std::string_view message) const;
  Status unexpected(std::string_view expected) const;
  NameId intern(std::string_view name);

  // Expressions, in order of precedence.
  Result<ExprPtr> make(ExprKind kind, size_t offset, std::vector<ExprPtr> operands) const;
  // One `part`, or a tuple of them.
  Result<ExprPtr> parse_tuple(Result<ExprPtr> (Parser::*part)());
  Result<ExprPtr> parse_expression();
  Result<ExprPtr> parse_or();
  Result<ExprPtr> parse_and();
  Result<ExprPtr> parse_not();
  Result<ExprPtr> parse_compare();
  Result<ExprPtr> parse_sum();
  Result<ExprPtr> parse_concat();
  Result<ExprPtr> parse_product();
  Result<ExprPtr> parse_power();
  Result<ExprPtr> parse_filtered() { return parse_unary(true); }
  Result<ExprPtr> parse_unary(bool with_filter);
  Result<ExprPtr> parse_primary();
  Result<ExprPtr> parse_parenthesized();
  Result<ExprPtr> parse_list();
  Result<ExprPtr> parse_dict();
  Result<ExprPtr> parse_number();
  Result<ExprPtr> parse_strings();
  Result<ExprPtr> parse_name_or_constant();
  Result<ExprPtr> parse_postfix(ExprPtr value);
  Result<ExprPtr> parse_attribute(ExprPtr object);
  Result<ExprPtr> parse_item(ExprPtr object);
  Result<ExprPtr> parse_index();
  Result<ExprPtr> parse_call(ExprPtr callee);
  Result<ExprPtr> parse_filters(ExprPtr value);
  Result<ExprPtr> parse_filter(ExprPtr input);
  Result<ExprPtr> parse_test(ExprPtr subject);
  Status parse_arguments(std::vector<ExprPtr>& operands, std::vector<NameId>& keywords);
  // One `part`, or several with operators of the table (or the separator) between them.
  Result<ExprPtr> parse_chain(Result<ExprPtr> (Parser::*part)(), ExprKind kind,
                              std::initializer_list<std::pair<std::string_view, Operator>> table);
  Result<ExprPtr> parse_flat(Result<ExprPtr> (Parser::*part)(), ExprKind kind,
                             std::string_view separator);

  // Statements.
  Result<Block> parse_block(Names end_names);
  Status parse_tag(Block& block);
  Result<ExprPtr> parse_target();
  Result<ExprPtr> parse_simple_target();
  Status parse_if(Statement& out);
  Status parse_for(Statement& out);
  Status parse_set(Statement& out);
  Status parse_macro(Statement& out);
  Status parse_call_tag(Statement& out);
  Status parse_filter_tag(Statement& out);
  Status parse_with(Statement& out);
  Status parse_generation(Statement& out);
  Status parse_parameters(MacroDef& macro);
  Status parse_macro_body(MacroDef& macro, std::string_view end_name);
  // The chain of filters behind a bar, applied to the text of a block; null when there is none.
  Result<ExprPtr> parse_block_filters();

  // Counts nesting while it lives.
  class Nesting {
   public:
    explicit Nesting(int& depth) : depth_(depth) { ++depth_; }
    ~Nesting() { --depth_; }
    Nesting(const Nesting&) = delete;
    Nesting& operator=(const Nesting&) = delete;

   private:
    int& depth_;
  };
  Status check_nesting() const;

  Program& program_;
  std::vector<Token> tokens_;
  size_t at_ = 0;
  int depth_ = 0;
  int loop_depth_ = 0;         // of for bodies around, for break and continue
  MacroDef* macro_ = nullptr;  // the innermost macro around
  std::unordered_map<std::string_view, NameId> name_ids_;
};

}  // namespace samovar::chat
