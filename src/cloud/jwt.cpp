#include "cloud/jwt.h"

#include "json/json.h"
#include "net/base64.h"

#include <memory>

#include <climits>
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace samovar::cloud {
namespace {

struct Free {
  void operator()(BIO* bio) const { BIO_free(bio); }
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
template <class T>
using Owned = std::unique_ptr<T, Free>;

// A key that wants a password is none of ours: nobody is asked for one.
int no_password(char*, int, int, void*) {
  return 0;
}

Result<Owned<EVP_PKEY>> read_key(const Secret& pem) {
  const std::string& text = pem.reveal();
  if (text.size() > INT_MAX) return invalid_argument("the private key is too long");
  const Owned<BIO> bio(BIO_new_mem_buf(text.data(), static_cast<int>(text.size())));
  if (bio == nullptr) return out_of_memory();
  Owned<EVP_PKEY> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, no_password, nullptr));
  if (key == nullptr) {
    return invalid_argument("the private key is damaged or cut off: make a new one");
  }
  if (EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) {
    return invalid_argument("the private key is no RSA key: the cloud takes RSA_2048 and RSA_4096");
  }
  return key;
}

Result<std::string> sign_ps256(EVP_PKEY* key, std::string_view text) {
  const Owned<EVP_MD_CTX> context(EVP_MD_CTX_new());
  if (context == nullptr) return out_of_memory();
  EVP_PKEY_CTX* settings = nullptr;  // the context's
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  size_t n_bytes = 0;
  if (EVP_DigestSignInit(context.get(), &settings, EVP_sha256(), nullptr, key) != 1 ||
      EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) != 1 ||
      EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &n_bytes, bytes, text.size()) != 1) {
    return invalid_argument("the private key can't sign");
  }
  std::string signature(n_bytes, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &n_bytes,
                     bytes, text.size()) != 1) {
    return invalid_argument("the private key can't sign");
  }
  signature.resize(n_bytes);
  return signature;
}

}  // namespace

std::string base64url(std::string_view bytes) {
  std::string text = net::base64(bytes);
  while (text.ends_with('=')) text.pop_back();
  for (char& c : text) {
    if (c == '+') c = '-';
    if (c == '/') c = '_';
  }
  return text;
}

Result<Secret> sign_jwt(const ServiceKey& key, std::string_view audience, int64_t issued_unix_s,
                        int64_t life_s) {
  const json::Value header = {{"typ", "JWT"}, {"alg", "PS256"}, {"kid", key.id}};
  const json::Value claims = {{"iss", key.service_account_id},
                              {"aud", audience},
                              {"iat", issued_unix_s},
                              {"exp", issued_unix_s + life_s}};
  const std::string text = base64url(json::dump(header)) + "." + base64url(json::dump(claims));
  SAMOVAR_ASSIGN(const Owned<EVP_PKEY> pkey, read_key(key.private_pem));
  SAMOVAR_ASSIGN(const std::string signature, sign_ps256(pkey.get(), text));
  return Secret(text + "." + base64url(signature));
}

}  // namespace samovar::cloud
