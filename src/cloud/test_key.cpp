#include "cloud/test_key.h"

#include "json/json.h"

#include <memory>

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

namespace samovar::cloud {
namespace {

EVP_PKEY* test_key() {
  static EVP_PKEY* const key = EVP_RSA_gen(2048);
  return key;
}

}  // namespace

const std::string& test_private_pem() {
  static const std::string pem = [] {
    BIO* const bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, test_key(), nullptr, nullptr, 0, nullptr, nullptr);
    char* bytes = nullptr;
    const long n_bytes = BIO_get_mem_data(bio, &bytes);
    std::string text(bytes, static_cast<size_t>(n_bytes));
    BIO_free(bio);
    return text;
  }();
  return pem;
}

const std::string& test_key_json() {
  static const std::string text =
      json::dump({{"id", kTestKeyId},
                  {"service_account_id", kTestAccountId},
                  {"created_at", "2026-11-26T10:04:56Z"},
                  {"key_algorithm", "RSA_2048"},
                  {"public_key", "-----BEGIN PUBLIC KEY-----\n...\n-----END PUBLIC KEY-----\n"},
                  {"private_key", "PLEASE DO NOT REMOVE THIS LINE! Yandex.Cloud SA Key ID <" +
                                      std::string(kTestKeyId) + ">\n" + test_private_pem()}});
  return text;
}

std::string from_base64url(std::string text) {
  for (char& c : text) {
    if (c == '-') c = '+';
    if (c == '_') c = '/';
  }
  const size_t n_padding = (4 - text.size() % 4) % 4;
  text.append(n_padding, '=');
  std::string bytes(text.size(), '\0');
  const int n_bytes = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                      reinterpret_cast<const unsigned char*>(text.data()),
                                      static_cast<int>(text.size()));
  bytes.resize(n_bytes < 0 ? 0 : static_cast<size_t>(n_bytes) - n_padding);
  return bytes;
}

bool test_key_signed(const std::string& jwt) {
  const size_t dot = jwt.rfind('.');
  const std::string signature = from_base64url(jwt.substr(dot + 1));
  EVP_MD_CTX* const context = EVP_MD_CTX_new();
  EVP_PKEY_CTX* settings = nullptr;
  const bool good =
      EVP_DigestVerifyInit(context, &settings, EVP_sha256(), nullptr, test_key()) == 1 &&
      EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) == 1 &&
      EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) == 1 &&
      EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(signature.data()),
                       signature.size(), reinterpret_cast<const unsigned char*>(jwt.data()),
                       dot) == 1;
  EVP_MD_CTX_free(context);
  return good;
}

}  // namespace samovar::cloud
