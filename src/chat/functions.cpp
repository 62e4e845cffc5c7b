#include "chat/functions.h"

#include "chat/python_text.h"

#include <array>
#include <ctime>

#include <fmt/format.h>

namespace samovar::chat {
namespace {

constexpr size_t kMaxTimeBytes = 4096;

Result<Value> range_function(Runtime& runtime, const Value&, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("range", {"start", "stop", "step"}, 1));
  SAMOVAR_ASSIGN(int64_t start, integer_or(bound[0], "start", 0));
  SAMOVAR_ASSIGN(int64_t stop, integer_or(bound[1], "stop", 0));
  SAMOVAR_ASSIGN(const int64_t step, integer_or(bound[2], "step", 1));
  if (arguments.positional.size() == 1) {
    stop = start;
    start = 0;
  }
  if (step == 0) return runtime_error("range() step must not be zero");
  Values items;
  for (int64_t i = start; step > 0 ? i < stop : i > stop;) {
    if (static_cast<int64_t>(items.size()) == runtime.limits().max_range) {
      return too_large(fmt::format("range() has more than {} items", runtime.limits().max_range));
    }
    items.push_back(Value::integer(i));
    if (__builtin_add_overflow(i, step, &i)) break;
  }
  return runtime.make_list(std::move(items), ListKind::kRange);
}

// Positional mappings first, then the named arguments over them.
Result<Dict> merged_dict(const Arguments& arguments) {
  Dict dict;
  for (const Value& source : arguments.positional) {
    if (!source.dict()) {
      return runtime_error(fmt::format("expected a dict, found {}", source.type_name()));
    }
    for (const auto& [key, value] : source.dict()->entries) dict.set(key, value);
  }
  for (const auto& [name, value] : arguments.named) dict.set(Value::literal(name), value);
  return dict;
}

Result<Value> dict_function(Runtime& runtime, const Value&, const Arguments& arguments) {
  SAMOVAR_ASSIGN(Dict dict, merged_dict(arguments));
  return runtime.make_dict(std::move(dict));
}

Result<Value> namespace_function(Runtime& runtime, const Value&, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Dict dict, merged_dict(arguments));
  SAMOVAR_TRY(runtime.spend(static_cast<int64_t>(16 + dict.entries.size())));
  Namespace space;
  for (const auto& [key, value] : dict.entries) {
    if (key.string()) space.attributes.insert_or_assign(key.bytes(), value);
  }
  return runtime.make_namespace(std::move(space));
}

Result<Value> raise_function(Runtime& runtime, const Value&, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("raise_exception", {"message"}, 1));
  SAMOVAR_ASSIGN(const Text message, to_text(runtime, bound[0]));
  return invalid_argument(message.bytes());
}

Result<Value> strftime_function(Runtime& runtime, const Value&, const Arguments& arguments) {
  SAMOVAR_ASSIGN(const Values bound, arguments.bind("strftime_now", {"format"}, 1));
  SAMOVAR_ASSIGN(const Text format, text_or(bound[0], "format", ""));
  const std::time_t now = runtime.now_unix_s();
  std::tm utc{};
  if (!gmtime_r(&now, &utc)) return runtime_error("strftime_now: the time has no calendar date");
  // A blank behind the format tells an empty result from one that did not fit.
  std::array<char, kMaxTimeBytes> buffer{};
  const std::string padded = format.bytes() + " ";
  if (format.size() >= kMaxTimeBytes) return too_large("strftime_now: the format is too long");
  const size_t n_bytes = std::strftime(buffer.data(), buffer.size(), padded.c_str(), &utc);
  if (n_bytes == 0) return too_large("strftime_now: the result is too long");
  return runtime.make_string(Text(std::string(buffer.data(), n_bytes - 1), format.trust()));
}

}  // namespace

std::span<const NativeEntry> global_functions() {
  static constexpr std::array<NativeEntry, 5> kFunctions{{
      {"dict", dict_function},
      {"namespace", namespace_function},
      {"raise_exception", raise_function},
      {"range", range_function},
      {"strftime_now", strftime_function},
  }};
  return kFunctions;
}

}  // namespace samovar::chat
