#include "store/shown_url.h"

#include <algorithm>

namespace samovar::store {
namespace {

constexpr std::string_view kAfterScheme = "://";

}  // namespace

std::string shown_url(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const size_t scheme = url.find(kAfterScheme);
  if (scheme == std::string_view::npos) return std::string(url);
  const size_t begin = scheme + kAfterScheme.size();
  const size_t end = std::min(url.find('/', begin), url.size());
  const size_t at = url.substr(begin, end - begin).rfind('@');
  if (at == std::string_view::npos) return std::string(url);
  return std::string(url.substr(0, begin)) + std::string(url.substr(begin + at + 1));
}

std::string shown_name(std::string_view name) {
  const bool is_url = name.starts_with("https://") || name.starts_with("http://");
  return is_url ? shown_url(name) : std::string(name);
}

}  // namespace samovar::store
