#include "cloud/image_name.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::cloud {
namespace {

constexpr size_t kMaxTag = 128;

bool is_small(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

bool fits_repository(std::string_view text) {
  const auto fits = [](char c) {
    return is_small(c) || c == '.' || c == '_' || c == '-' || c == '/';
  };
  return !text.empty() && is_small(text.front()) && is_small(text.back()) &&
         text.find("//") == std::string_view::npos && text.find("..") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), fits);
}

bool fits_tag(std::string_view text) {
  const auto fits = [](char c) {
    return is_small(c) || (c >= 'A' && c <= 'Z') || c == '.' || c == '_' || c == '-';
  };
  return !text.empty() && text.size() <= kMaxTag && text.front() != '.' && text.front() != '-' &&
         std::all_of(text.begin(), text.end(), fits);
}

}  // namespace

Result<ImageName> ImageName::parse(std::string_view text) {
  const auto refuse = [&](std::string_view what) {
    return invalid_argument(fmt::format(
        "{}: expected an image with its registry, as cr.yandex/REGISTRY/NAME:TAG; {}", text, what));
  };
  const size_t slash = text.find('/');
  const std::string_view host = text.substr(0, slash);
  const bool is_host = slash != std::string_view::npos && !host.empty() &&
                       (host.find_first_of(".:") != std::string_view::npos || host == "localhost");
  if (!is_host) return refuse("found no registry");
  if (host.find_first_of(" @?#\\") != std::string_view::npos) {
    return refuse(fmt::format("found the registry `{}`", host));
  }
  ImageName name{std::string(host), std::string(text.substr(slash + 1)), "latest"};
  if (const size_t colon = name.repository.rfind(':'); colon != std::string::npos) {
    name.tag = name.repository.substr(colon + 1);
    name.repository.resize(colon);
  }
  if (!fits_repository(name.repository)) {
    return refuse(fmt::format("found the name `{}`", name.repository));
  }
  if (!fits_tag(name.tag)) return refuse(fmt::format("found the tag `{}`", name.tag));
  return name;
}

std::string ImageName::text() const {
  return fmt::format("{}/{}:{}", registry, repository, tag);
}

bool is_loopback(std::string_view registry) {
  if (registry.starts_with("[::1]")) return true;
  const std::string_view host = registry.substr(0, registry.find(':'));
  return host == "localhost" || host.starts_with("127.");
}

}  // namespace samovar::cloud
