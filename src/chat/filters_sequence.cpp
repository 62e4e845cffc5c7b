// Filters that walk or reorder sequences, and the attribute paths they share.
#include "chat/filters.h"
#include "chat/lookup.h"
#include "chat/methods.h"
#include "chat/operators.h"
#include "chat/python_text.h"
#include "chat/utf8.h"

#include <algorithm>
#include <array>
#include <charconv>

#include <fmt/format.h>

namespace samovar::chat {
namespace {

Result<Value> length_filter(Runtime&, const Value& subject, const Arguments& arguments) {
  SAMOVAR_TRY(arguments.bind("length", {}).status());
  size_t n = 0;
  if (subject.string()) {
    n = utf8::length(subject.bytes());
  } else if (const Dict* dict = subject.dict()) {
    n = dict->entries.size();
  } else if (const Loop* loop = subject.loop()) {
    n = loop->items.size();
  } else if (subject.list() && subject.list()->kind != ListKind::kGenerator) {
    n = subject.list()->items.size();
  } else if (!subject.is_undefined()) {
    return runtime_error(fmt::format("object of type '{}' has no len()", subject.type_name()));
  }
  return Value::integer(static_cast<int64_t>(n));
}

Result<Value> first_filter(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_TRY(arguments.bind("first", {}).status());
  if (subject.string()) return get_item(runtime, subject, Value::integer(0));
  SAMOVAR_ASSIGN(const Values items, runtime.iterate(subject));
  return items.empty() ? Value() : items.front();
}

Result<Value> last_filter(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_TRY(arguments.bind("last", {}).status());
  if (subject.string()) return get_item(runtime, subject, Value::integer(-1));
  if (subject.list() && subject.list()->kind == ListKind::kGenerator) {
    return runtime_error("'generator' object is not reversible");
  }
  SAMOVAR_ASSIGN(const Values items, runtime.iterate(subject));
  return items.empty() ? Value() : items.back();
}

Result<Value> list_filter(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_TRY(arguments.bind("list", {}).status());
  SAMOVAR_ASSIGN(Values items, runtime.iterate(subject));
  return runtime.make_list(std::move(items));
}

Result<Value> reverse_filter(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_TRY(arguments.bind("reverse", {}).status());
  if (subject.string()) return get_slice(runtime, subject, {.step = -1});
  SAMOVAR_ASSIGN(Values items, runtime.iterate(subject));
  std::reverse(items.begin(), items.end());
  return runtime.make_list(std::move(items), ListKind::kGenerator);
}

Result<Value> items_filter(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_TRY(arguments.bind("items", {}).status());
  if (subject.is_undefined()) return runtime.make_list({}, ListKind::kGenerator);
  if (!subject.dict()) return runtime_error("can only get item pairs from a mapping");
  SAMOVAR_ASSIGN(const Value view, find_method(subject, "items")->native(runtime, subject, {}));
  return runtime.make_list(view.list()->items, ListKind::kGenerator);
}

struct Keyed {
  Values keys;  // compared in order
  Value item;
};

// Stable, as Python's sorted(). A comparison Python would refuse is the error.
Result<Value> sort_by_keys(Runtime& runtime, std::vector<Keyed> keyed, bool reverse) {
  Status failure;
  const auto before = [&](const Keyed& a, const Keyed& b) {
    for (size_t i = 0; failure.ok() && i < a.keys.size(); ++i) {
      Status spent = runtime.spend(1);
      auto sign = order(runtime, a.keys[i], b.keys[i]);
      if (!spent.ok() || !sign.ok()) {
        failure = spent.ok() ? std::move(sign).status() : std::move(spent);
        return false;
      }
      if (*sign != 0) return reverse ? *sign > 0 : *sign < 0;
    }
    return false;
  };
  std::stable_sort(keyed.begin(), keyed.end(), before);
  SAMOVAR_TRY(failure);
  Values items;
  for (Keyed& entry : keyed) items.push_back(std::move(entry.item));
  return runtime.make_list(std::move(items));
}

Result<Value> sort_filter(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound,
                 arguments.bind("sort", {"reverse", "case_sensitive", "attribute"}));
  std::vector<Values> paths;
  if (bound[2].string()) {
    const Value whole = bound[2];
    Arguments comma;
    comma.positional.push_back(Value::literal(","));
    SAMOVAR_ASSIGN(const Value parts, find_method(whole, "split")->native(runtime, whole, comma));
    for (const Value& part : parts.list()->items) {
      SAMOVAR_ASSIGN(Values path, parse_attribute_path(part));
      paths.push_back(std::move(path));
    }
  } else {
    SAMOVAR_ASSIGN(Values path, parse_attribute_path(bound[2]));
    paths.push_back(std::move(path));
  }
  SAMOVAR_ASSIGN(const Values items, runtime.iterate(subject));
  std::vector<Keyed> keyed;
  for (const Value& item : items) {
    Keyed entry{{}, item};
    for (const Values& path : paths) {
      SAMOVAR_ASSIGN(Value key, sort_key(runtime, item, path, bound[1].truthy()));
      entry.keys.push_back(std::move(key));
    }
    keyed.push_back(std::move(entry));
  }
  return sort_by_keys(runtime, std::move(keyed), bound[0].truthy());
}

Result<Value> dictsort_filter(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound,
                 arguments.bind("dictsort", {"case_sensitive", "by", "reverse"}));
  SAMOVAR_ASSIGN(const Text by, text_or(bound[1], "by", "key"));
  if (!subject.dict()) {
    return runtime_error(fmt::format("dictsort needs a dict, found {}", subject.type_name()));
  }
  if (by.bytes() != "key" && by.bytes() != "value") {
    return runtime_error("dictsort sorts by \"key\" or \"value\"");
  }
  std::vector<Keyed> keyed;
  for (const auto& [key, value] : subject.dict()->entries) {
    SAMOVAR_ASSIGN(Value pair, runtime.make_list({key, value}, ListKind::kTuple));
    SAMOVAR_ASSIGN(Value by_key,
                   sort_key(runtime, by.bytes() == "key" ? key : value, {}, bound[0].truthy()));
    keyed.push_back({{std::move(by_key)}, std::move(pair)});
  }
  return sort_by_keys(runtime, std::move(keyed), bound[2].truthy());
}

Result<Value> unique_filter(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("unique", {"case_sensitive", "attribute"}));
  SAMOVAR_ASSIGN(const Values path, parse_attribute_path(bound[1]));
  SAMOVAR_ASSIGN(const Values items, runtime.iterate(subject));
  Dict seen;
  Values unique;
  for (const Value& item : items) {
    SAMOVAR_ASSIGN(const Value key, sort_key(runtime, item, path, bound[0].truthy()));
    if (!Dict::is_key(key)) {
      return runtime_error(fmt::format("unhashable type: '{}'", key.type_name()));
    }
    SAMOVAR_TRY(runtime.spend(static_cast<int64_t>(1 + seen.other_keys.size() / 8)));
    if (seen.find(key)) continue;
    seen.set(key, Value::none());
    unique.push_back(item);
  }
  return runtime.make_list(std::move(unique), ListKind::kGenerator);
}

Result<Value> batch_filter(Runtime& runtime, const Value& subject, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("batch", {"linecount", "fill_with"}, 1));
  SAMOVAR_ASSIGN(const int64_t n, integer_or(bound[0], "linecount", 1));
  if (n < 1) return runtime_error("batch: linecount must be at least 1");
  SAMOVAR_ASSIGN(Values items, runtime.iterate(subject));
  const auto size = static_cast<size_t>(n);
  Values batches;
  for (size_t begin = 0; begin < items.size(); begin += size) {
    const size_t end = std::min(items.size() - begin, size) + begin;
    Values batch(items.begin() + static_cast<std::ptrdiff_t>(begin),
                 items.begin() + static_cast<std::ptrdiff_t>(end));
    const bool fills = !bound[1].is_undefined() && !bound[1].is_none();
    if (fills) SAMOVAR_TRY(runtime.spend(n));
    if (fills) batch.resize(size, bound[1]);
    SAMOVAR_ASSIGN(Value list, runtime.make_list(std::move(batch)));
    batches.push_back(std::move(list));
  }
  return runtime.make_list(std::move(batches), ListKind::kGenerator);
}

}  // namespace

Result<Values> parse_attribute_path(const Value& attribute) {
  if (attribute.is_undefined() || attribute.is_none()) return Values{};
  if (!attribute.string()) return Values{attribute};
  Values path;
  std::string_view rest = attribute.bytes();
  for (bool more = true; more;) {
    const size_t dot = rest.find('.');
    const std::string_view part = rest.substr(0, dot);
    int64_t index = 0;
    const char* end = part.data() + part.size();
    const bool is_index =
        !part.empty() && part[0] != '-' && std::from_chars(part.data(), end, index).ptr == end;
    path.push_back(is_index ? Value::integer(index) : Value::literal(part));
    more = dot != std::string_view::npos;
    if (more) rest.remove_prefix(dot + 1);
  }
  return path;
}

Result<Value> follow_path(Runtime& runtime, Value item, const Values& path) {
  for (const Value& part : path) {
    SAMOVAR_ASSIGN(item, get_item(runtime, item, part));
  }
  return item;
}

Result<Value> sort_key(Runtime& runtime, const Value& item, const Values& path,
                       bool case_sensitive) {
  SAMOVAR_ASSIGN(Value key, follow_path(runtime, item, path));
  if (case_sensitive || !key.string()) return key;
  return lower_method(runtime, key, {});
}

std::span<const NativeEntry> sequence_filters() {
  static constexpr std::array<NativeEntry, 11> kFilters{{
      {"batch", batch_filter},
      {"count", length_filter},
      {"dictsort", dictsort_filter},
      {"first", first_filter},
      {"items", items_filter},
      {"last", last_filter},
      {"length", length_filter},
      {"list", list_filter},
      {"reverse", reverse_filter},
      {"sort", sort_filter},
      {"unique", unique_filter},
  }};
  return kFilters;
}

}  // namespace samovar::chat
