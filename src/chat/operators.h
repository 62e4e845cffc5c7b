// Operators between values, with Python's meaning: +, -, *, /, //, %, **, comparisons, in.
//
// What Python would raise is a Status. Integers are of 64 bits: an overflow is an error. Thread:
// one render. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "chat/ast.h"
#include "chat/runtime.h"
#include "chat/value.h"

namespace samovar::chat {

// The error of using an undefined value: "'name' is undefined".
Status undefined_error(const Value& value);

// REQUIRES: op is one of kAdd..kPower.
Result<Value> arithmetic(Runtime& runtime, Operator op, const Value& a, const Value& b);
Result<Value> negate(const Value& value);

// REQUIRES: op is one of kEqual..kNotIn.
Result<bool> compare(Runtime& runtime, Operator op, const Value& a, const Value& b);
// Negative, zero or positive as a is less than, equal to or greater than b.
Result<int> order(Runtime& runtime, const Value& a, const Value& b);
Result<bool> contains(Runtime& runtime, const Value& container, const Value& item);

}  // namespace samovar::chat
