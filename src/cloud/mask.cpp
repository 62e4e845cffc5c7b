#include "cloud/mask.h"

#include <algorithm>

namespace samovar::cloud {
namespace {

constexpr size_t kMaxLineBytes = 300;
constexpr size_t kRunBytes = 8;

// The length of the longest run at `text`'s start that some secret has; 0 below kRunBytes.
size_t secret_run(std::string_view text, const std::vector<Secret>& secrets) {
  size_t longest = 0;
  for (const Secret& secret : secrets) {
    size_t n = std::min(kRunBytes, secret.reveal().size());
    if (n == 0) continue;
    while (n <= text.size() && secret.reveal().find(text.substr(0, n)) != std::string::npos) {
      longest = std::max(longest, n++);
    }
  }
  return longest;
}

}  // namespace

std::string without_secrets(std::string_view text, const std::vector<Secret>& secrets) {
  std::string out;
  while (!text.empty()) {
    const size_t n = secret_run(text, secrets);
    if (n > 0) {
      out += "[secret]";
    } else {
      out += text.front();
    }
    text.remove_prefix(std::max<size_t>(n, 1));
  }
  return out;
}

std::string masked(std::string_view text, const std::vector<Secret>& secrets) {
  // More than what is shown, so that no secret is cut in two before it is found.
  std::string line = without_secrets(text.substr(0, 16 * kMaxLineBytes), secrets);
  if (line.size() > kMaxLineBytes) line.resize(kMaxLineBytes);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < ' ' || c == 0x7f) c = ' ';
  }
  return line;
}

}  // namespace samovar::cloud
