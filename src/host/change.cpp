#include "host/change.h"

#include "json/json.h"

#include <string_view>

#include <fmt/format.h>

namespace samovar::host {
namespace {

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
  return nullptr;
}

}  // namespace

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
