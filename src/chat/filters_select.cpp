// Filters that apply others to items: map, select, reject, selectattr, rejectattr; and default,
// attr.
#include "chat/filters.h"
#include "chat/lookup.h"
#include "chat/predicates.h"

#include <array>

#include <fmt/format.h>

namespace samovar::chat {
namespace {

// The arguments behind the first `n`.
Arguments drop_first(const Arguments& arguments, size_t n) {
  Arguments rest = arguments;
  rest.positional.erase(rest.positional.begin(),
                        rest.positional.begin() + static_cast<std::ptrdiff_t>(n));
  return rest;
}

Result<Value> map_attribute(Runtime& runtime, const Values& items, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("map", {"attribute", "default"}));
  SAMOVAR_ASSIGN(const Values path, parse_attribute_path(bound[0]));
  Values mapped;
  for (const Value& item : items) {
    SAMOVAR_ASSIGN(Value value, follow_path(runtime, item, path));
    const bool falls_back = value.is_undefined() && !bound[1].is_none();
    mapped.push_back(falls_back ? bound[1] : std::move(value));
  }
  return runtime.make_list(std::move(mapped), ListKind::kGenerator);
}

// The items to go through; none of what is false, whatever its type, as in Jinja.
Result<Values> items_of(Runtime& runtime, const Value& subject) {
  if (!subject.truthy()) return Values{};
  return runtime.iterate(subject);
}

Result<Value> map_filter(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values items, items_of(runtime, subject));
  if (arguments.positional.empty()) return map_attribute(runtime, items, arguments);
  const Value& name = arguments.positional[0];
  const Native filter = name.string() ? find_filter(name.bytes()) : nullptr;
  if (!filter) return runtime_error("map: no such filter");
  const Arguments rest = drop_first(arguments, 1);
  Values mapped;
  for (const Value& item : items) {
    SAMOVAR_ASSIGN(Value value, call_native(runtime, filter, item, rest));
    mapped.push_back(std::move(value));
  }
  return runtime.make_list(std::move(mapped), ListKind::kGenerator);
}

enum class Keep : uint8_t { kMatching, kOthers };
enum class By : uint8_t { kItem, kAttribute };

template <Keep keep, By by>
Result<Value> select_filter(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  constexpr size_t kTestAt = by == By::kAttribute ? 1 : 0;
  if (arguments.positional.size() < kTestAt) {
    return runtime_error("selectattr and rejectattr need the name of an attribute");
  }
  Values path;
  if (by == By::kAttribute) {
    SAMOVAR_ASSIGN(path, parse_attribute_path(arguments.positional[0]));
  }
  Native test = nullptr;
  Arguments rest;
  if (arguments.positional.size() > kTestAt) {
    const Value& name = arguments.positional[kTestAt];
    test = name.string() ? find_test(name.bytes()) : nullptr;
    if (!test) return runtime_error("select: no such test");
    rest = drop_first(arguments, kTestAt + 1);
  }
  SAMOVAR_ASSIGN(const Values items, items_of(runtime, subject));
  Values kept;
  for (const Value& item : items) {
    SAMOVAR_ASSIGN(Value value, follow_path(runtime, item, path));
    if (test) {
      SAMOVAR_ASSIGN(value, call_native(runtime, test, value, rest));
    }
    if (value.truthy() == (keep == Keep::kMatching)) kept.push_back(item);
  }
  return runtime.make_list(std::move(kept), ListKind::kGenerator);
}

Result<Value> default_filter(Runtime&, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("default", {"default_value", "boolean"}));
  if (!subject.is_undefined() && (!bound[1].truthy() || subject.truthy())) return subject;
  const bool given = !arguments.positional.empty() || !bound[0].is_undefined();
  return given ? bound[0] : Value::literal("");
}

// An attribute only: keys of a dict are not looked up.
Result<Value> attr_filter(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("attr", {"name"}, 1));
  if (subject.dict()) return Value();
  return get_item(runtime, subject, bound[0]);
}

}  // namespace

Native find_filter(std::string_view name) {
  for (const auto table :
       {text_filters(), number_filters(), sequence_filters(), select_filters()}) {
    if (const NativeEntry* found = find_native(table, name)) return found->native;
  }
  return nullptr;
}

std::span<const NativeEntry> select_filters() {
  static constexpr std::array<NativeEntry, 8> kFilters{{
      {"attr", attr_filter},
      {"d", default_filter},
      {"default", default_filter},
      {"map", map_filter},
      {"reject", select_filter<Keep::kOthers, By::kItem>},
      {"rejectattr", select_filter<Keep::kOthers, By::kAttribute>},
      {"select", select_filter<Keep::kMatching, By::kItem>},
      {"selectattr", select_filter<Keep::kMatching, By::kAttribute>},
  }};
  return kFilters;
}

}  // namespace samovar::chat
