#include "net/access.h"

#include <algorithm>
#include <array>
#include <utility>

#include <openssl/crypto.h>

namespace samovar::net {
namespace {

constexpr std::string_view kSpace = " \t";

std::string_view trimmed(std::string_view text, std::string_view spaces = kSpace) {
  const size_t first = text.find_first_not_of(spaces);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(spaces) - first + 1);
}

std::string lowered(std::string_view text) {
  std::string low(text);
  for (char& c : low) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return low;
}

bool is_digits(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && is_digits(text) &&
         std::stoi(std::string(text)) <= 65535;
}

// Four decimal numbers of at most 255, the first of them 127.
bool is_ipv4_loopback(std::string_view host) {
  int n_parts = 0;
  while (true) {
    const std::string_view part = host.substr(0, host.find('.'));
    if (part.empty() || part.size() > 3 || !is_digits(part)) return false;
    const int value = std::stoi(std::string(part));
    if (value > 255 || (n_parts == 0 && value != 127)) return false;
    ++n_parts;
    if (part.size() == host.size()) return n_parts == 4;
    host.remove_prefix(part.size() + 1);
  }
}

bool is_localhost_origin(std::string_view origin) {
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!origin.starts_with(scheme)) continue;
    const std::optional<std::string> host = host_without_port(origin.substr(scheme.size()));
    return host == "localhost" || host == "127.0.0.1" || host == "::1";
  }
  return false;
}

bool origin_matches(std::string_view pattern, std::string_view origin) {
  if (pattern == "*") return true;
  if (pattern == "localhost") return is_localhost_origin(origin);
  if (pattern.ends_with("://*")) return origin.starts_with(pattern.substr(0, pattern.size() - 1));
  return pattern == origin;
}

bool equals_in_constant_time(std::string_view a, std::string_view b) {
  // Only the lengths may be told by time: the loop below runs over `b` whatever `a` holds.
  const std::string_view compared = a.size() == b.size() ? a : b;
  const bool same = CRYPTO_memcmp(compared.data(), b.data(), b.size()) == 0;
  return same && a.size() == b.size();
}

bool varies_with_origin(const Headers& headers) {
  return std::any_of(headers.begin(), headers.end(), [](const Header& field) {
    return equals_ignoring_case(field.name, "Vary") && equals_ignoring_case(field.value, "Origin");
  });
}

std::string_view without_scheme(std::string_view authorization) {
  for (const std::string_view scheme : {"Bearer ", "Api-Key "}) {
    if (authorization.size() >= scheme.size() &&
        equals_ignoring_case(authorization.substr(0, scheme.size()), scheme)) {
      return trimmed(authorization.substr(scheme.size()));
    }
  }
  return authorization;
}

}  // namespace

std::optional<std::string> host_without_port(std::string_view host_header) {
  std::string_view host = host_header;
  std::string_view rest;
  if (host.starts_with('[')) {
    const size_t close = host.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    rest = host.substr(close + 1);
    host = host.substr(1, close - 1);
    if (host.find_first_not_of("0123456789abcdefABCDEF:.") != std::string_view::npos) {
      return std::nullopt;
    }
  } else {
    rest = host.substr(std::min(host.find(':'), host.size()));
    host = host.substr(0, host.size() - rest.size());
    if (host.ends_with('.')) host.remove_suffix(1);
    if (host.find_first_of(" \t/\\@?#%[]") != std::string_view::npos) return std::nullopt;
  }
  if (host.empty() || (!rest.empty() && (rest[0] != ':' || !is_port(rest.substr(1))))) {
    return std::nullopt;
  }
  return lowered(host);
}

bool is_loopback_host(std::string_view host) {
  return host == "localhost" || host.ends_with(".localhost") || host == "::1" ||
         is_ipv4_loopback(host);
}

bool host_allowed(const Headers& headers, const std::vector<std::string>& extra_hosts) {
  const std::optional<std::string> host = host_without_port(headers.find("Host").value_or(""));
  if (!host) return false;
  if (is_loopback_host(*host)) return true;
  return std::any_of(extra_hosts.begin(), extra_hosts.end(),
                     [&](const std::string& extra) { return extra == "*" || extra == *host; });
}

CorsPolicy CorsPolicy::defaults(bool has_key) {
  CorsPolicy policy;
  if (has_key) {
    policy.origins = {"*"};
  } else {
    policy.origins = {"localhost", "vscode-webview://*", "vscode-file://*",
                      "app://*",   "tauri://*",          "file://*"};
  }
  return policy;
}

bool CorsPolicy::allows(std::string_view origin) const {
  return std::any_of(origins.begin(), origins.end(),
                     [&](const std::string& pattern) { return origin_matches(pattern, origin); });
}

void add_cors_headers(const CorsPolicy& policy, const Headers& request, Headers& response) {
  const bool any =
      std::find(policy.origins.begin(), policy.origins.end(), "*") != policy.origins.end();
  const std::optional<std::string_view> origin = request.find("Origin");
  const bool echo = policy.credentials || !any;
  if (echo && !varies_with_origin(response)) response.add("Vary", "Origin");
  if (!any && !(origin && policy.allows(*origin))) return;
  if (echo && !origin) return;
  response.set("Access-Control-Allow-Origin", echo ? std::string(*origin) : "*");
  response.set("Access-Control-Allow-Credentials", policy.credentials ? "true" : "false");
}

Response preflight_response(const CorsPolicy& policy, const Headers& request) {
  Response response;
  add_cors_headers(policy, request, response.headers);
  if (!response.headers.has("Access-Control-Allow-Origin")) return response;
  const std::optional<std::string_view> asked = request.find("Access-Control-Request-Headers");
  const bool echo = policy.names_headers && policy.credentials && policy.headers == "*" && asked;
  response.headers.set("Access-Control-Allow-Methods", policy.methods);
  response.headers.set("Access-Control-Allow-Headers", echo ? std::string(*asked) : policy.headers);
  return response;
}

Status ApiKeys::add(Secret key) {
  const std::string& text = key.reveal();
  if (text.empty()) return invalid_argument("an API key is empty");
  for (const char c : text) {
    if (c <= ' ' || c == '\x7f') {
      return invalid_argument("API key " + std::to_string(keys_.size() + 1) +
                              " has a space, control character or non-ASCII byte in it");
    }
  }
  keys_.push_back(std::move(key));
  return {};
}

Status ApiKeys::add_lines(std::string_view text) {
  while (!text.empty()) {
    const std::string_view line = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(text.size(), line.size() + 1));
    const std::string_view key = trimmed(line, " \t\r");
    if (key.empty() || key.starts_with('#')) continue;
    SAMOVAR_TRY(add(Secret(std::string(key))));
  }
  return {};
}

std::optional<size_t> ApiKeys::match(const Headers& headers) const {
  if (const auto authorization = headers.find("Authorization")) {
    if (const auto id = find(without_scheme(trimmed(*authorization)))) return id;
  }
  if (const auto key = headers.find("X-Api-Key")) return find(trimmed(*key));
  return std::nullopt;
}

std::optional<size_t> ApiKeys::find(std::string_view candidate) const {
  std::optional<size_t> id;
  for (size_t i = 0; i < keys_.size(); ++i) {
    if (equals_in_constant_time(candidate, keys_[i].reveal())) id = i + 1;
  }
  return id;
}

}  // namespace samovar::net
