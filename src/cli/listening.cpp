#include "cli/listening.h"

#include "cli/output.h"
#include "sys/file.h"
#include "sys/proc_text.h"

#include <fmt/format.h>

namespace samovar::cli {

std::vector<std::string> split_list(const std::string& list) {
  const auto items = sys::split(list, ',');
  return {items.begin(), items.end()};
}

std::string exposed_host(const std::vector<std::string>& hosts) {
  for (const std::string& host : hosts) {
    if (!host.ends_with(".sock") && !net::is_loopback_host(host)) return host;
  }
  return {};
}

Status check_exposure(std::string_view source, const std::string& host, bool decided) {
  if (host.empty()) return {};
  if (decided) {
    tell("warning: no key is set: everybody who reaches {} may ask\n", host);
    return {};
  }
  return invalid_argument(
      fmt::format("{}{} is open to the network and no key is set: give --api-key KEY, or "
                  "--insecure-open if everybody may ask",
                  source, host));
}

Result<net::ApiKeys> read_api_keys(const std::string& list, const std::string& file) {
  net::ApiKeys keys;
  for (const std::string& key : split_list(list)) SAMOVAR_TRY(keys.add(Secret(key)));
  if (file.empty()) return keys;
  SAMOVAR_ASSIGN(const std::string text, sys::read_file(file, uint64_t{1} << 20));
  SAMOVAR_TRY(keys.add_lines(text));
  return keys;
}

Result<uint16_t> port_of(std::string_view flag, int64_t number) {
  if (number >= 0 && number <= 65535) return static_cast<uint16_t>(number);
  return invalid_argument(fmt::format("{}: expected 0 to 65535, found {}", flag, number));
}

Status check_seconds(std::string_view flag, int64_t seconds) {
  constexpr int64_t kMaxSeconds = 86'400;
  if (seconds >= 0 && seconds <= kMaxSeconds) return {};
  return invalid_argument(
      fmt::format("{}: expected 0 to {} s, found {}", flag, kMaxSeconds, seconds));
}

void AddressLimit::declare(Flags& flags) {
  flags.add("--connections-per-address", &n_connections_,
            "connections that one address may have open; 0: no limit, and so it is where a key is "
            "asked for");
  flags.tell_if_given(&given_);
}

Result<size_t> AddressLimit::connections(bool has_keys) const {
  if (n_connections_ < 0) {
    return invalid_argument(fmt::format(
        "--connections-per-address: expected 0 (no limit) or more, found {}", n_connections_));
  }
  return has_keys && !given_ ? 0 : static_cast<size_t>(n_connections_);
}

}  // namespace samovar::cli
