#include "store/digest.h"

#include "base/check.h"

#include <fmt/format.h>
#include <openssl/evp.h>

namespace samovar::store {
namespace {

constexpr std::string_view kPrefix = "sha256:";

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

}  // namespace

Result<Digest> Digest::parse(std::string_view text) {
  const std::string_view given = text;
  if (text.starts_with(kPrefix)) text.remove_prefix(kPrefix.size());
  std::array<uint8_t, 32> bytes{};
  bool valid = text.size() == 2 * bytes.size();
  for (size_t i = 0; valid && i < bytes.size(); ++i) {
    const int high = hex_value(text[2 * i]);
    const int low = hex_value(text[2 * i + 1]);
    valid = high >= 0 && low >= 0;
    if (valid) bytes[i] = static_cast<uint8_t>(high * 16 + low);
  }
  if (!valid) {
    return invalid_argument(fmt::format(
        "\"{}\" is no SHA-256: 64 lower-case hexadecimal digits expected", given.substr(0, 80)));
  }
  return Digest(bytes);
}

std::string Digest::hex() const {
  std::string out;
  for (const uint8_t byte : bytes_) fmt::format_to(std::back_inserter(out), "{:02x}", byte);
  return out;
}

struct Sha256::Context {
  EVP_MD_CTX* evp = EVP_MD_CTX_new();
  Context() { begin(); }
  Context(const Context&) = delete;
  Context& operator=(const Context&) = delete;
  ~Context() { EVP_MD_CTX_free(evp); }
  void begin() {
    SAMOVAR_CHECK(evp != nullptr && EVP_DigestInit_ex(evp, EVP_sha256(), nullptr) == 1);
  }
};

Sha256::Sha256() : context_(std::make_unique<Context>()) {}
Sha256::~Sha256() = default;
Sha256::Sha256(Sha256&&) noexcept = default;
Sha256& Sha256::operator=(Sha256&&) noexcept = default;

void Sha256::update(std::span<const std::byte> bytes) {
  SAMOVAR_CHECK(EVP_DigestUpdate(context_->evp, bytes.data(), bytes.size()) == 1);
}

Digest Sha256::finish() {
  std::array<uint8_t, 32> bytes{};
  SAMOVAR_CHECK(EVP_DigestFinal_ex(context_->evp, bytes.data(), nullptr) == 1);
  context_->begin();
  return Digest(bytes);
}

Digest sha256(std::string_view bytes) {
  Sha256 hasher;
  hasher.update(std::as_bytes(std::span(bytes)));
  return hasher.finish();
}

}  // namespace samovar::store
