#include "net/url.h"

#include <curl/curl.h>
#include <fmt/format.h>

namespace samovar::net {

void Url::Free::operator()(Curl_URL* url) const {
  curl_url_cleanup(url);
}

Result<Url> Url::parse(std::string_view text) {
  Url url(curl_url());
  const CURLUcode code = curl_url_set(url.url_.get(), CURLUPART_URL, std::string(text).c_str(), 0);
  if (code != CURLUE_OK)
    return invalid_argument(fmt::format("not a URL: {}", curl_url_strerror(code)));
  return url;
}

std::string Url::part(int what, unsigned flags) const {
  char* text = nullptr;
  if (curl_url_get(url_.get(), static_cast<CURLUPart>(what), &text, flags) != CURLUE_OK) return {};
  std::string out(text);
  curl_free(text);
  return out;
}

std::string Url::text() const {
  return part(CURLUPART_URL);
}

std::string Url::scheme() const {
  return part(CURLUPART_SCHEME);
}

std::string Url::host() const {
  return part(CURLUPART_HOST);
}

std::string Url::origin() const {
  return scheme() + "://" + host() + ":" + part(CURLUPART_PORT, CURLU_DEFAULT_PORT);
}

Status Url::follow(std::string_view location) {
  const std::string from = host();
  const bool was_secure = scheme() == "https";
  const CURLUcode code = curl_url_set(url_.get(), CURLUPART_URL, std::string(location).c_str(), 0);
  if (code != CURLUE_OK) {
    return corrupt(fmt::format("{}: a redirect to no URL: {}", from, curl_url_strerror(code)));
  }
  const std::string to = scheme();
  if (to != "https" && (was_secure || to != "http")) {
    return unsupported(fmt::format("{}: a redirect to {}: is refused", from, to));
  }
  return {};
}

std::string percent_encode_value(std::string_view value) {
  constexpr std::string_view kDigits = "0123456789ABCDEF";
  constexpr std::string_view kPlain =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
  std::string encoded;
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (kPlain.find(c) != std::string_view::npos) {
      encoded += c;
    } else {
      encoded += {'%', kDigits[byte >> 4], kDigits[byte & 15]};
    }
  }
  return encoded;
}

}  // namespace samovar::net
