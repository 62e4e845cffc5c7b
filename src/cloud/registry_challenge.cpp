#include "cloud/registry_challenge.h"

#include "net/url.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

namespace samovar::cloud {
namespace {

constexpr std::string_view kBlank = " \t";

void skip(std::string_view& text, std::string_view characters) {
  text.remove_prefix(std::min(text.find_first_not_of(characters), text.size()));
}

// The value at the beginning of `text`, which is moved behind it: a token or a quoted string.
std::string take_value(std::string_view& text) {
  std::string value;
  if (!text.starts_with('"')) {
    value = text.substr(0, text.find_first_of(", \t"));
    text.remove_prefix(value.size());
    return value;
  }
  text.remove_prefix(1);
  while (!text.empty() && text.front() != '"') {
    if (text.front() == '\\' && text.size() > 1) text.remove_prefix(1);
    value += text.front();
    text.remove_prefix(1);
  }
  if (!text.empty()) text.remove_prefix(1);
  return value;
}

// Of one header; nothing where its scheme is another.
std::optional<RegistryChallenge> parse(std::string_view text) {
  skip(text, kBlank);
  const std::string_view scheme = text.substr(0, text.find_first_of(kBlank));
  RegistryChallenge challenge;
  if (net::equals_ignoring_case(scheme, "Bearer")) {
    challenge.kind = RegistryChallenge::Kind::kBearer;
  } else if (!net::equals_ignoring_case(scheme, "Basic")) {
    return std::nullopt;
  }
  text.remove_prefix(scheme.size());
  for (;;) {
    skip(text, ", \t");
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) return challenge;
    const std::string_view name = text.substr(0, text.find_first_of(" \t="));
    text.remove_prefix(equals + 1);
    skip(text, kBlank);
    std::string value = take_value(text);
    if (net::equals_ignoring_case(name, "realm")) challenge.realm = std::move(value);
    if (net::equals_ignoring_case(name, "service")) challenge.service = std::move(value);
  }
}

}  // namespace

Result<RegistryChallenge> RegistryChallenge::of(const net::Headers& headers) {
  std::optional<RegistryChallenge> found;
  for (const net::Header& header : headers) {
    if (!net::equals_ignoring_case(header.name, "WWW-Authenticate")) continue;
    auto challenge = parse(header.value);
    if (challenge && (!found || found->kind == Kind::kBasic)) found = std::move(challenge);
  }
  if (!found) {
    return unsupported("the registry wants to know who asks, and takes neither Basic nor Bearer");
  }
  if (found->kind == Kind::kBearer && found->realm.empty()) {
    return corrupt("the registry wants a token, and names no service that gives one");
  }
  return *std::move(found);
}

Status check_realm(std::string_view realm, std::string_view registry,
                   std::string_view token_service) {
  SAMOVAR_ASSIGN(const net::Url asked, net::Url::parse(realm));
  SAMOVAR_ASSIGN(const net::Url own, net::Url::parse(registry));
  if (asked.origin() == own.origin()) return {};
  if (!token_service.empty()) {
    SAMOVAR_ASSIGN(const net::Url named, net::Url::parse(token_service));
    if (asked.origin() == named.origin()) return {};
  }
  return invalid_argument(fmt::format(
      "{} sends those who log in to another host, {}, which would get the password. If that is its "
      "token service: --token-service {}",
      own.origin(), asked.origin(), asked.origin()));
}

}  // namespace samovar::cloud
