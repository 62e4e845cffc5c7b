// The parsed form of a template: statements, expressions, and the Program that owns them.
//
// Immutable after parsing. Depth is bounded by RenderLimits::max_depth, so that walking and
// destroying them by recursion is safe. Thread: any once built. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "chat/arguments.h"
#include "chat/template.h"
#include "chat/value.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace samovar::chat {

using NameId = uint32_t;  // index into Program::names

enum class Operator : uint8_t {
  kAdd,
  kSubtract,
  kMultiply,
  kDivide,
  kFloorDivide,
  kModulo,
  kPower,
  kEqual,
  kNotEqual,
  kLess,
  kLessEqual,
  kGreater,
  kGreaterEqual,
  kIn,
  kNotIn,
};

// What an expression is, and what its operands mean.
enum class ExprKind : uint8_t {
  kLiteral,      // literal
  kName,         // name
  kList,         // items
  kTuple,        // items
  kDict,         // key, value, key, value, ...
  kAttribute,    // object; name
  kItem,         // object, index
  kSlice,        // start?, stop?, step?: only as the index of kItem
  kCall,         // callee, positional..., named...; keywords name the last operands
  kFilter,       // input?, positional..., named...; no input: the text of the enclosing block
  kTest,         // subject, positional..., named...
  kNot,          // operand
  kNegate,       // operand
  kPlus,         // operand
  kArithmetic,   // first, second, ...: left to right; operators[i] stands before operand i + 1
  kCompare,      // first, second, ...: each pair must hold; operators as above
  kAnd,          // operands
  kOr,           // operands
  kConcat,       // operands, each as text
  kConditional,  // then, condition, else?
};

struct Expr;
using ExprPtr = std::unique_ptr<Expr>;

struct Expr {
  ExprKind kind;
  int depth = 1;      // 1 + that of the deepest operand
  size_t offset = 0;  // B into the source
  NameId name = 0;
  Native native = nullptr;  // of a filter or test; null when no such is known
  Value literal;
  std::vector<ExprPtr> operands;  // null where the table above says "?"
  std::vector<Operator> operators;
  std::vector<NameId> keywords;
};

struct Statement;
using Block = std::vector<Statement>;

struct DataStatement {
  Text text;
};
struct PrintStatement {
  ExprPtr value;
};
struct IfStatement {
  std::vector<std::pair<ExprPtr, Block>> branches;
  Block otherwise;
};
struct ForStatement {
  ExprPtr target;
  ExprPtr items;
  ExprPtr condition;  // null: no filter
  Block body;
  Block otherwise;
};
// Targets of assignments: kName, kTuple of targets, or kAttribute of a kName (a namespace's).
struct SetStatement {
  ExprPtr target;
  ExprPtr value;
};
struct SetBlockStatement {
  ExprPtr target;
  ExprPtr filter;  // null: none
  Block body;
};
struct MacroDef {
  NameId name = 0;
  std::vector<NameId> parameters;
  std::vector<ExprPtr> defaults;  // of the last parameters
  bool uses_varargs = false;
  bool uses_kwargs = false;
  bool uses_caller = false;
  Block body;
};
struct CallStatement {
  ExprPtr call;
  MacroDef caller;
};
struct FilterStatement {
  ExprPtr filter;
  Block body;
};
struct WithStatement {  // also {% generation %}, which has no assignments
  std::vector<SetStatement> assignments;
  Block body;
};
struct BreakStatement {};
struct ContinueStatement {};

struct Statement {
  size_t offset = 0;  // B into the source
  std::variant<DataStatement, PrintStatement, IfStatement, ForStatement, SetStatement,
               SetBlockStatement, MacroDef, CallStatement, FilterStatement, WithStatement,
               BreakStatement, ContinueStatement>
      node;
};

struct Program {
  std::string source;  // as given
  std::string text;    // with "\n" line ends and without the last one; tokens point here
  RenderLimits limits;
  std::vector<std::string> names;
  Block body;
};

// Names that Jinja gives a meaning inside loops and macros, interned first in every Program.
inline constexpr NameId kLoopName = 0;
inline constexpr NameId kCallerName = 1;
inline constexpr NameId kVarargsName = 2;
inline constexpr NameId kKwargsName = 3;

}  // namespace samovar::chat
