#include "cloud/secret_filter.h"

#include <algorithm>
#include <utility>

namespace samovar::cloud {
namespace {

constexpr std::string_view kShown = "[secret]";

// The length of the longest end of `text` that `secret` begins with and that is not all of it.
size_t beginning_at_end(std::string_view text, std::string_view secret) {
  for (size_t n = std::min(text.size(), secret.size() - 1); n > 0; --n) {
    if (text.substr(text.size() - n) == secret.substr(0, n)) return n;
  }
  return 0;
}

}  // namespace

SecretFilter::SecretFilter(const Secret& authorization) : secret_(authorization.reveal()) {
  secret_.remove_prefix(secret_.rfind(' ') + 1);
}

std::string SecretFilter::feed(std::string_view bytes) {
  std::string text = std::exchange(held_, "");
  text += bytes;
  if (secret_.empty()) return text;
  text = clean(std::move(text));
  const size_t n_held = beginning_at_end(text, secret_);
  held_ = text.substr(text.size() - n_held);
  text.resize(text.size() - n_held);
  return text;
}

std::string SecretFilter::finish() {
  return std::exchange(held_, "");
}

std::string SecretFilter::clean(std::string text) const {
  if (secret_.empty()) return text;
  for (size_t at = text.find(secret_); at != text.npos; at = text.find(secret_, at)) {
    text.replace(at, secret_.size(), kShown);
  }
  return text;
}

void SecretFilter::clean(net::Response& head) const {
  net::Headers headers;
  for (const net::Header& header : head.headers) {
    headers.add(clean(header.name), clean(header.value));
  }
  head.headers = std::move(headers);
  head.body = clean(std::move(head.body));
}

}  // namespace samovar::cloud
