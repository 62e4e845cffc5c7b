#include "json/json.h"

#include <algorithm>
#include <string>
#include <vector>

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

// Holds the text to the limits while it is parsed; what comes after a breach is not kept.
class Watch {
 public:
  explicit Watch(const Limits& limits)
      : limits_(limits), n_keys_(static_cast<size_t>(limits.max_depth) + 1) {}

  bool keeps(int depth, Value::parse_event_t event) {
    if (!problem_.empty()) return false;
    using Event = Value::parse_event_t;
    const bool opens = event == Event::object_start || event == Event::array_start;
    if (opens && depth >= limits_.max_depth) {
      problem_ = fmt::format("JSON nests deeper than {} levels", limits_.max_depth);
    } else if ((opens || event == Event::value) && ++n_values_ > limits_.max_values) {
      problem_ = fmt::format("JSON has more than {} values", limits_.max_values);
    } else if (event == Event::object_start) {
      n_keys_[static_cast<size_t>(depth)] = 0;
    } else if (event == Event::key &&
               ++n_keys_[static_cast<size_t>(depth) - 1] > limits_.max_keys) {
      problem_ = fmt::format("a JSON object has more than {} keys", limits_.max_keys);
    }
    return problem_.empty();
  }
  const std::string& problem() const { return problem_; }

 private:
  const Limits& limits_;
  std::vector<size_t> n_keys_;  // of the open object at each depth
  size_t n_values_ = 0;
  std::string problem_;
};

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
  Watch watch(limits);
  Result<Value> parsed = parse_guarded(text, [&](int depth, Value::parse_event_t event, Value&) {
    return watch.keeps(depth, event);
  });
  if (!watch.problem().empty()) return too_large(watch.problem());
  return parsed;
}

std::string dump(const Value& value) {
  return value.dump(-1, ' ', false, Value::error_handler_t::replace);
}

std::string_view type_name(const Value& value) {
  return value.type_name();
}

}  // namespace samovar::json
