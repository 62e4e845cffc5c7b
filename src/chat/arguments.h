// Arguments of a call, and the functions written in C++ that templates can call.
//
// Filters, tests, methods and global functions are all Natives: a subject (what stands before the
// bar, `is` or dot) and arguments. Thread: one render. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "chat/runtime.h"
#include "chat/value.h"

#include <initializer_list>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace samovar::chat {

struct Arguments {
  Values positional;
  std::vector<std::pair<std::string_view, Value>> named;  // BORROWS names from the Program

  bool empty() const { return positional.empty() && named.empty(); }
  // One value per parameter, undefined where none was given. An error names `callee`.
  Result<Values> bind(std::string_view callee, std::initializer_list<std::string_view> parameters,
                      size_t n_required = 0) const;
};

using Native = Result<Value> (*)(Runtime&, const Value& subject, const Arguments&);

// Calls `native` after paying for the bytes of its subject and arguments.
Result<Value> call_native(Runtime& runtime, Native native, const Value& subject,
                          const Arguments& arguments);

struct NativeEntry {
  std::string_view name;
  Native native;
};

// The entry of that name, or null.
const NativeEntry* find_native(std::span<const NativeEntry> table, std::string_view name);

// What a bound parameter holds, or the fallback when it was not given. An error names the
// parameter.
Result<int64_t> integer_or(const Value& value, std::string_view parameter, int64_t fallback);
Result<Text> text_or(const Value& value, std::string_view parameter, std::string_view fallback);

struct MacroDef;
struct Scope;

// Something `(...)` can follow: a native with its subject, or a macro with the scope it was born
// in.
struct Callable {
  std::string_view name;  // BORROWED from a native table or the Program
  Native native = nullptr;
  Value subject;
  const MacroDef* macro = nullptr;  // BORROWED from the Program
  Scope* scope = nullptr;           // BORROWED from the Interpreter
};

Value make_native_callable(const NativeEntry& entry, Value subject);

}  // namespace samovar::chat
