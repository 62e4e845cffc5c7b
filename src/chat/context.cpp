#include "chat/context.h"

#include "chat/functions.h"
#include "json/json.h"

#include <algorithm>
#include <array>

namespace samovar::chat {
namespace {

constexpr std::array<std::string_view, 7> kTrustedNames{
    "bos_token", "eos_token", "pad_token", "unk_token", "sep_token", "cls_token", "mask_token"};

// Recursion is bounded: `levels_left` counts down from RenderLimits::max_depth.
Result<Value> from_json(Runtime& runtime, const json::Value& json, Trust trust, int levels_left) {
  if (levels_left < 0) return too_large("value for the chat template nests too deep");
  switch (json.type()) {
    case json::Value::value_t::null:
      return Value::none();
    case json::Value::value_t::boolean:
      return Value::boolean(json.get<bool>());
    case json::Value::value_t::number_integer:
      return Value::integer(json.get<int64_t>());
    case json::Value::value_t::number_unsigned: {
      const auto number = json.get<uint64_t>();
      const bool fits = number <= static_cast<uint64_t>(INT64_MAX);
      return fits ? Value::integer(static_cast<int64_t>(number))
                  : Value::real(static_cast<double>(number));
    }
    case json::Value::value_t::number_float:
      return Value::real(json.get<double>());
    case json::Value::value_t::string:
      return Value::string(Text(json.get<std::string>(), trust));
    case json::Value::value_t::array: {
      Values items;
      for (const auto& element : json) {
        SAMOVAR_ASSIGN(Value item, from_json(runtime, element, trust, levels_left - 1));
        items.push_back(std::move(item));
      }
      return runtime.make_list(std::move(items));
    }
    case json::Value::value_t::object: {
      Dict dict;
      for (const auto& [name, element] : json.items()) {
        SAMOVAR_ASSIGN(Value value, from_json(runtime, element, trust, levels_left - 1));
        dict.set(Value::string(Text(name, trust)), std::move(value));
      }
      return runtime.make_dict(std::move(dict));
    }
    default:
      return invalid_argument("value for the chat template is binary data");
  }
}

}  // namespace

Result<Values> bind_names(Runtime& runtime, const Program& program, const json::Value& context) {
  if (!context.is_object()) {
    return invalid_argument("context of a chat template must be a JSON object");
  }
  Values bound;
  for (const std::string& name : program.names) {
    const auto found = context.find(name);
    const NativeEntry* function = find_native(global_functions(), name);
    if (found != context.end()) {
      const bool trusted =
          std::find(kTrustedNames.begin(), kTrustedNames.end(), name) != kTrustedNames.end();
      SAMOVAR_ASSIGN(Value value,
                     from_json(runtime, *found, trusted ? Trust::kTrusted : Trust::kUntrusted,
                               runtime.limits().max_depth));
      bound.push_back(std::move(value));
    } else if (function) {
      bound.push_back(make_native_callable(*function, Value()));
    } else {
      bound.push_back(Value(Value::Data(Undefined{&name})));
    }
  }
  return bound;
}

Result<Value> value_from_json_text(Runtime& runtime, const Text& text) {
  SAMOVAR_TRY(runtime.spend(static_cast<int64_t>(text.size())));
  auto parsed = json::parse(text.bytes(), {.max_depth = runtime.limits().max_depth});
  if (!parsed.ok()) return runtime_error("from_json: the text is not JSON");
  return from_json(runtime, *parsed, text.trust(), runtime.limits().max_depth);
}

}  // namespace samovar::chat
