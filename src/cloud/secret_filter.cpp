#include "cloud/secret_filter.h"

#include "chat/held_text.h"

#include <utility>

namespace samovar::cloud {
namespace {

constexpr std::string_view kShown = "[secret]";

}  // namespace

SecretFilter::SecretFilter(const Secret& authorization) : secret_(authorization.reveal()) {
  secret_.remove_prefix(secret_.rfind(' ') + 1);
}

std::string SecretFilter::feed(std::string_view bytes) {
  std::string text = std::exchange(held_, "");
  text += bytes;
  if (secret_.empty()) return text;
  text = clean(std::move(text));
  const size_t n_held = chat::begun_size(text, secret_);
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
