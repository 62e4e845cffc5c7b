#include "chat/predicates.h"

#include "chat/filters.h"
#include "chat/methods.h"
#include "chat/operators.h"

#include <array>

#include <fmt/format.h>

namespace samovar::chat {
namespace {

bool is_defined(const Value& v) {
  return !v.is_undefined();
}
bool is_undefined(const Value& v) {
  return v.is_undefined();
}
bool is_none(const Value& v) {
  return v.is_none();
}
bool is_boolean(const Value& v) {
  return v.is_bool();
}
bool is_true(const Value& v) {
  return v.is_bool() && v.truthy();
}
bool is_false(const Value& v) {
  return v.is_bool() && !v.truthy();
}
bool is_integer(const Value& v) {
  return v.is_integral() && !v.is_bool();
}
bool is_float(const Value& v) {
  return v.is_float();
}
bool is_number(const Value& v) {
  return v.is_number();
}
bool is_string(const Value& v) {
  return v.string() != nullptr;
}
bool is_mapping(const Value& v) {
  return v.dict() != nullptr;
}
bool is_callable(const Value& v) {
  return v.callable() != nullptr;
}
bool is_escaped(const Value& v) {
  return v.string() && v.string()->markup;
}
bool is_iterable(const Value& v) {
  return v.is_undefined() || v.string() || v.list() || v.dict() || v.loop();
}
// What has a length and can be indexed: undefined too, in Jinja.
bool is_sequence(const Value& v) {
  const bool indexable =
      v.list() && v.list()->kind != ListKind::kGenerator && v.list()->kind != ListKind::kView;
  return v.is_undefined() || v.string() || v.dict() || indexable;
}

template <bool (*holds)(const Value&)>
Result<Value> simple(Runtime&, const Value& subject, const Arguments& arguments) {
  SAMOVAR_TRY(arguments.bind("test", {}).status());
  return Value::boolean(holds(subject));
}

template <Operator op>
Result<Value> comparison(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  if (arguments.positional.size() != 1 || !arguments.named.empty()) {
    return runtime_error("this test takes one argument");
  }
  SAMOVAR_ASSIGN(const bool holds, compare(runtime, op, subject, arguments.positional[0]));
  return Value::boolean(holds);
}

// Same object; for values that are no containers, equal and of one type.
Result<Value> same_as(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("sameas", {"other"}));
  if (subject.list() || subject.dict()) {
    return Value::boolean(subject.list() == bound[0].list() && subject.dict() == bound[0].dict());
  }
  SAMOVAR_ASSIGN(const bool same, runtime.equal(subject, bound[0]));
  return Value::boolean(same && subject.data().index() == bound[0].data().index());
}

Result<Value> remainder_test(Runtime& runtime, const Value& subject, const Value& divisor,
                             int64_t wanted) {
  SAMOVAR_ASSIGN(const Value rest, arithmetic(runtime, Operator::kModulo, subject, divisor));
  SAMOVAR_ASSIGN(const bool same, runtime.equal(rest, Value::integer(wanted)));
  return Value::boolean(same);
}

Result<Value> odd(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_TRY(arguments.bind("odd", {}).status());
  return remainder_test(runtime, subject, Value::integer(2), 1);
}

Result<Value> even(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_TRY(arguments.bind("even", {}).status());
  return remainder_test(runtime, subject, Value::integer(2), 0);
}

Result<Value> divisible_by(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("divisibleby", {"num"}, 1));
  return remainder_test(runtime, subject, bound[0], 0);
}

template <const char* method>
Result<Value> string_case(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  const Value text = subject.string() ? subject : Value::literal("");
  return find_method(text, method)->native(runtime, text, arguments);
}
constexpr char kIsLower[] = "islower";
constexpr char kIsUpper[] = "isupper";

Result<Value> known_filter(Runtime&, const Value& subject, const Arguments&) {
  return Value::boolean(subject.string() && find_filter(subject.bytes()));
}

Result<Value> known_test(Runtime&, const Value& subject, const Arguments&) {
  return Value::boolean(subject.string() && find_test(subject.bytes()));
}

constexpr std::array<NativeEntry, 39> kTests{{
    {"!=", comparison<Operator::kNotEqual>},
    {"<", comparison<Operator::kLess>},
    {"<=", comparison<Operator::kLessEqual>},
    {"==", comparison<Operator::kEqual>},
    {">", comparison<Operator::kGreater>},
    {">=", comparison<Operator::kGreaterEqual>},
    {"boolean", simple<is_boolean>},
    {"callable", simple<is_callable>},
    {"defined", simple<is_defined>},
    {"divisibleby", divisible_by},
    {"eq", comparison<Operator::kEqual>},
    {"equalto", comparison<Operator::kEqual>},
    {"escaped", simple<is_escaped>},
    {"even", even},
    {"false", simple<is_false>},
    {"filter", known_filter},
    {"float", simple<is_float>},
    {"ge", comparison<Operator::kGreaterEqual>},
    {"greaterthan", comparison<Operator::kGreater>},
    {"gt", comparison<Operator::kGreater>},
    {"in", comparison<Operator::kIn>},
    {"integer", simple<is_integer>},
    {"iterable", simple<is_iterable>},
    {"le", comparison<Operator::kLessEqual>},
    {"lessthan", comparison<Operator::kLess>},
    {"lower", string_case<kIsLower>},
    {"lt", comparison<Operator::kLess>},
    {"mapping", simple<is_mapping>},
    {"ne", comparison<Operator::kNotEqual>},
    {"none", simple<is_none>},
    {"number", simple<is_number>},
    {"odd", odd},
    {"sameas", same_as},
    {"sequence", simple<is_sequence>},
    {"string", simple<is_string>},
    {"test", known_test},
    {"true", simple<is_true>},
    {"undefined", simple<is_undefined>},
    {"upper", string_case<kIsUpper>},
}};

}  // namespace

Native find_test(std::string_view name) {
  const NativeEntry* found = find_native(kTests, name);
  return found ? found->native : nullptr;
}

}  // namespace samovar::chat
