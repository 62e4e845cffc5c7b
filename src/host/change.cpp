#include "host/change.h"

#include "json/json.h"

#include <iterator>
#include <string_view>

#include <fmt/format.h>

namespace samovar::host {
namespace {

ChangePointer step_of(const json::Value& value) {
  Step step;
  value.at("name").get_to(step.name);
  value.at("apply").get_to(step.apply);
  value.at("undo").get_to(step.undo);
  value.at("undo_needs").get_to(step.undo_needs);
  value.at("version").get_to(step.version);
  value.at("evidence").get_to(step.evidence);
  if (value.at("when") == "always") step.when = Step::When::kAlways;
  value.at("tries").get_to(step.tries);
  return make_step_change(std::move(step));
}

ChangePointer of_kind(std::string_view kind, const json::Value& value) {
  const auto text = [&](const char* name) { return value.at(name).get<std::string>(); };
  const auto arguments = [&](const char* name) { return value.at(name).get<Arguments>(); };
  if (kind == "file") {
    return make_file_change(
        {text("path"), text("text"), value.at("executable").get<bool>(), arguments("after")});
  }
  if (kind == "line") return make_line_change(text("path"), text("line"));
  if (kind == "command") {
    return make_command_change(arguments("apply"), arguments("undo"), text("evidence"));
  }
  if (kind == "sysctl") return make_sysctl_change(text("key"), text("value"));
  if (kind == "swap_off") return make_swap_off_change(text("device"));
  if (kind == "zram") {
    return make_zram_change({value.at("size_bytes").get<uint64_t>(), text("algorithm"),
                             value.at("priority").get<int64_t>()});
  }
  if (kind == "step") return step_of(value);
  return nullptr;
}

}  // namespace

Status Change::forget(const Machine& /*machine*/, const json::Value& /*before*/) const {
  return {};
}

void append(Changes& changes, Changes more) {
  changes.insert(changes.end(), std::make_move_iterator(more.begin()),
                 std::make_move_iterator(more.end()));
}

Result<ChangePointer> parse_change(const json::Value& value) {
  try {
    const std::string kind = value.at("kind").get<std::string>();
    ChangePointer change = of_kind(kind, value);
    if (change == nullptr) return corrupt(fmt::format("kind: unknown change '{}'", kind));
    return change;
  } catch (const json::Value::exception& error) {
    return corrupt(fmt::format("a change is not complete: {}", error.what()));
  }
}

}  // namespace samovar::host
