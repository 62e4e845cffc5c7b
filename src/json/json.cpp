#include "json/json.h"

#include <fmt/format.h>

namespace samovar::json {
namespace {

// What the library says, without its own name and the position, which it gives twice.
std::string_view reason(const Value::parse_error& error) {
  constexpr std::string_view kBegin = "syntax error ";
  const std::string_view said = error.what();
  const size_t at = said.find(kBegin);
  return at == std::string_view::npos ? said : said.substr(at + kBegin.size());
}

// The library reports by exception; they end here.
Result<Value> parse_guarded(std::string_view text, const Value::parser_callback_t& watch) {
  try {
    return Value::parse(text, watch);
  } catch (const Value::parse_error& error) {
    return invalid_argument(
        fmt::format("JSON syntax error at byte {}: {}", error.byte, reason(error)));
  } catch (const Value::exception& error) {
    return invalid_argument(fmt::format("JSON error: {}", error.what()));
  }
}

}  // namespace

Result<Value> parse(std::string_view text, const Limits& limits) {
  if (text.size() > limits.max_bytes) {
    return too_large(
        fmt::format("JSON text has {} bytes, the limit is {}", text.size(), limits.max_bytes));
  }
  bool too_deep = false;
  const auto watch_depth = [&](int depth, Value::parse_event_t event, Value&) {
    using Event = Value::parse_event_t;
    const bool opens = event == Event::object_start || event == Event::array_start;
    if (opens && depth >= limits.max_depth) too_deep = true;
    return !too_deep;
  };
  Result<Value> parsed = parse_guarded(text, watch_depth);
  if (too_deep) return too_large(fmt::format("JSON nests deeper than {} levels", limits.max_depth));
  return parsed;
}

std::string dump(const Value& value) {
  return value.dump(-1, ' ', false, Value::error_handler_t::replace);
}

std::string_view type_name(const Value& value) {
  return value.type_name();
}

}  // namespace samovar::json
