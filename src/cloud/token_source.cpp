#include "cloud/token_source.h"

#include "cloud/cloud_answer.h"
#include "cloud/iam_exchange.h"
#include "cloud/json_member.h"
#include "cloud/jwt.h"
#include "cloud/service_key.h"
#include "json/json.h"
#include "net/http_client.h"

#include <sys/stat.h>
#include <tuple>
#include <utility>

namespace samovar::cloud {
namespace {

constexpr int64_t kJwtLifeS = 3600;
constexpr int64_t kMetadataTimeoutMs = 5'000;

// What tells one state of a file from another without reading it: inode, size, time of change.
using FileMark = std::tuple<uint64_t, int64_t, int64_t, int64_t>;

FileMark mark_of(const std::string& path) {
  struct stat facts {};
  if (stat(path.c_str(), &facts) != 0) return {};
  return {facts.st_ino, facts.st_size, facts.st_mtim.tv_sec, facts.st_mtim.tv_nsec};
}

class KeyFileSource final : public TokenSource {
 public:
  KeyFileSource(std::string path, IamOptions options, const Clock& clock)
      : path_(std::move(path)), exchange_(std::move(options), clock) {}

  Result<IamToken> fetch() override {
    mark_ = mark_of(path_);
    SAMOVAR_ASSIGN(const ServiceKey key, read_service_key(path_));
    auto token = exchange_.exchange(
        "jwt", [&](int64_t unix_s) { return sign_jwt(key, exchange_.url(), unix_s, kJwtLifeS); });
    if (!token.ok()) return token.status().with_context(path_);
    return token;
  }
  bool changed() const override { return mark_of(path_) != mark_; }

 private:
  const std::string path_;
  IamExchange exchange_;
  FileMark mark_;
};

class OauthSource final : public TokenSource {
 public:
  OauthSource(Secret token, IamOptions options, const Clock& clock)
      : token_(std::move(token)), exchange_(std::move(options), clock) {}

  Result<IamToken> fetch() override {
    return exchange_.exchange("yandexPassportOauthToken",
                              [this](int64_t) -> Result<Secret> { return token_; });
  }

 private:
  const Secret token_;
  IamExchange exchange_;
};

// Source: https://yandex.cloud/en/docs/compute/operations/vm-connect/auth-inside-vm
class MetadataSource final : public TokenSource {
 public:
  explicit MetadataSource(std::string url)
      : url_(std::move(url) + "/computeMetadata/v1/instance/service-accounts/default/token") {}

  Result<IamToken> fetch() override {
    net::ClientOptions options;
    options.total_timeout_ms = options.connect_timeout_ms = kMetadataTimeoutMs;
    options.max_redirects = 0;
    options.direct = true;
    SAMOVAR_ASSIGN(const net::ClientResponse answer,
                   net::HttpClient(options).get(url_, {{"Metadata-Flavor", "Google"}}));
    SAMOVAR_ASSIGN(const json::Value reply, read_answer(answer.response, url_, {}));
    const std::string* const token = text_member(reply, "access_token");
    const json::Value* const life_s = member(reply, "expires_in");
    if (token == nullptr || token->empty() || life_s == nullptr || !life_s->is_number() ||
        life_s->get<double>() < 1 || life_s->get<double>() > 1e9) {
      return corrupt(url_ + ": an answer without `access_token` and `expires_in`");
    }
    return IamToken{Secret(*token), life_s->get<int64_t>() * 1'000'000};
  }

 private:
  const std::string url_;
};

class FixedSource final : public TokenSource {
 public:
  FixedSource(std::string scheme, Secret token)
      : scheme_(std::move(scheme)), token_(std::move(token)) {}

  Result<IamToken> fetch() override { return IamToken{token_, 0}; }
  std::string_view scheme() const override { return scheme_; }
  bool renews() const override { return false; }

 private:
  const std::string scheme_;
  const Secret token_;
};

}  // namespace

std::unique_ptr<TokenSource> key_file_source(std::string path, IamOptions options,
                                             const Clock& clock) {
  return std::make_unique<KeyFileSource>(std::move(path), std::move(options), clock);
}

std::unique_ptr<TokenSource> oauth_source(Secret oauth_token, IamOptions options,
                                          const Clock& clock) {
  return std::make_unique<OauthSource>(std::move(oauth_token), std::move(options), clock);
}

std::unique_ptr<TokenSource> metadata_source(std::string url) {
  return std::make_unique<MetadataSource>(std::move(url));
}

std::unique_ptr<TokenSource> fixed_source(std::string scheme, Secret token) {
  return std::make_unique<FixedSource>(std::move(scheme), std::move(token));
}

}  // namespace samovar::cloud
