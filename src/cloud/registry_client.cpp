#include "cloud/registry_client.h"

#include "cloud/cloud_answer.h"
#include "cloud/json_member.h"
#include "cloud/registry_challenge.h"
#include "json/json.h"
#include "net/base64.h"
#include "net/url.h"

#include <utility>

#include <fmt/format.h>

namespace samovar::cloud {
namespace {

constexpr int64_t kMaxSilenceS = 300;  // a registry may check a large blob before it answers
constexpr int kMaxRegistryTries = 4;
constexpr const char* kDockerHub = "docker.io";
constexpr const char* kDockerHubUrl = "https://registry-1.docker.io";
constexpr const char* kDockerHubTokens = "https://auth.docker.io";

std::string base_url(const std::string& registry) {
  if (registry == kDockerHub) return kDockerHubUrl;
  return (is_loopback(registry) ? "http://" : "https://") + registry;
}

net::ClientOptions registry_options(const std::string& ca_file) {
  net::ClientOptions options;
  options.low_speed_s = 0;
  options.max_silence_s = kMaxSilenceS;
  options.max_redirects = 0;
  options.max_body_bytes = size_t{1} << 20;
  options.ca_file = ca_file;
  return options;
}

Secret basic(const RegistryUser& user) {
  return Secret("Basic " + net::base64(user.name + ":" + user.password.reveal()));
}

}  // namespace

RegistryClient::RegistryClient(const ImageName& image, RegistryUser user,
                               const RegistryOptions& options, Sleep sleep)
    : image_(image),
      base_(base_url(image.registry)),
      user_(std::move(user)),
      token_service_(options.token_service.empty() && image.registry == kDockerHub
                         ? kDockerHubTokens
                         : options.token_service),
      sleep_(std::move(sleep)),
      client_(registry_options(options.ca_file)) {}

std::string RegistryClient::url(std::string_view path) const {
  return fmt::format("{}/v2/{}/{}", base_, image_.repository, path);
}

// OK for 2xx; the message holds no secret.
Status RegistryClient::judge(const net::ClientResponse& answer, std::string_view what) const {
  return check_answer(answer.response, fmt::format("{}: {}", image_.registry, what),
                      {user_.password, authorization_, basic(user_)});
}

Status RegistryClient::check() {
  SAMOVAR_ASSIGN(const net::ClientResponse answer, client_.get(base_ + "/v2/"));
  if (answer.response.status != 401) return judge(answer, "GET /v2/");
  SAMOVAR_ASSIGN(const RegistryChallenge challenge, RegistryChallenge::of(answer.response.headers));
  if (challenge.kind == RegistryChallenge::Kind::kBasic) return {};
  return check_realm(challenge.realm, base_, token_service_);
}

// Credentials go to the registry alone: an upload may be on another host, whose address is all it
// needs. A 401 is met once.
Result<net::ClientResponse> RegistryClient::ask(net::ClientRequest request) {
  SAMOVAR_ASSIGN(const net::Url asked, net::Url::parse(request.url));
  SAMOVAR_ASSIGN(const net::Url own, net::Url::parse(base_));
  const bool is_own = asked.origin() == own.origin();
  if (is_own) request.authorization = authorization_;
  SAMOVAR_ASSIGN(net::ClientResponse answer, client_.perform(request));
  if (answer.response.status != 401 || !is_own) return answer;
  SAMOVAR_TRY(authorize(answer.response.headers));
  request.authorization = authorization_;
  return client_.perform(request);
}

Status RegistryClient::authorize(const net::Headers& refusal) {
  SAMOVAR_ASSIGN(const RegistryChallenge challenge, RegistryChallenge::of(refusal));
  if (challenge.kind == RegistryChallenge::Kind::kBasic) {
    if (user_.name.empty()) {
      return invalid_argument(image_.registry + " wants a user and a password: --user NAME");
    }
    authorization_ = basic(user_);
    return {};
  }
  SAMOVAR_TRY(check_realm(challenge.realm, base_, token_service_));
  SAMOVAR_ASSIGN(authorization_, fetch_token(challenge.realm, challenge.service));
  return {};
}

Result<Secret> RegistryClient::fetch_token(const std::string& realm, const std::string& service) {
  net::ClientRequest request;
  const char separator = realm.find('?') == std::string::npos ? '?' : '&';
  const std::string scope = fmt::format("repository:{}:pull,push", image_.repository);
  request.url = fmt::format("{}{}service={}&scope={}", realm, separator,
                            net::percent_encode_value(service), net::percent_encode_value(scope));
  if (!user_.name.empty()) request.authorization = basic(user_);
  SAMOVAR_ASSIGN(const net::ClientResponse answer, client_.perform(request));
  SAMOVAR_ASSIGN(const json::Value reply,
                 read_answer(answer.response, image_.registry + ": its token service",
                             {user_.password, basic(user_)}));
  for (const char* name : {"token", "access_token"}) {
    const std::string* const token = text_member(reply, name);
    if (token != nullptr && !token->empty()) return Secret("Bearer " + *token);
  }
  return corrupt(image_.registry + ": its token service gave no token");
}

Result<bool> RegistryClient::has_blob(const store::Digest& digest) {
  const std::string path = "blobs/sha256:" + digest.hex();
  SAMOVAR_ASSIGN(const net::ClientResponse answer,
                 ask({.method = net::Method::kHead, .url = url(path)}));
  const int status = answer.response.status;
  if (status == 404) return false;
  if (status / 100 == 3) return true;  // where it lies is not ours to know
  SAMOVAR_TRY(judge(answer, "HEAD " + path));
  return true;
}

Status RegistryClient::put_blob(const store::Digest& digest, const BlobBytes& bytes) {
  for (int n_tries = 1;; ++n_tries) {
    const Status status = upload(digest, bytes);
    if (status.code() != Code::kBusy || n_tries == kMaxRegistryTries) return status;
    sleep_(int64_t{500} << n_tries);
  }
}

Status RegistryClient::upload(const store::Digest& digest, const BlobBytes& bytes) {
  SAMOVAR_ASSIGN(const net::ClientResponse begun,
                 ask({.method = net::Method::kPost, .url = url("blobs/uploads/")}));
  SAMOVAR_TRY(judge(begun, "POST blobs/uploads/"));
  const auto location = begun.response.headers.find("Location");
  if (!location) return corrupt(image_.registry + ": an upload without a Location");
  SAMOVAR_ASSIGN(net::Url where, net::Url::parse(begun.url));
  SAMOVAR_TRY(where.follow(*location));
  net::ClientRequest request;
  request.method = net::Method::kPut;
  request.url = where.text();
  request.url += request.url.find('?') == std::string::npos ? '?' : '&';
  request.url += "digest=" + net::percent_encode_value("sha256:" + digest.hex());
  request.headers.add("Content-Type", "application/octet-stream");
  request.body = bytes.text;
  request.upload_fd = bytes.fd;
  request.upload_bytes = bytes.size_bytes;
  SAMOVAR_ASSIGN(const net::ClientResponse answer, ask(std::move(request)));
  return judge(answer, "PUT of sha256:" + digest.hex());
}

Status RegistryClient::put_manifest(std::string_view media_type, const std::string& manifest) {
  net::ClientRequest request;
  request.method = net::Method::kPut;
  request.url = url("manifests/" + image_.tag);
  request.headers.add("Content-Type", std::string(media_type));
  request.body = manifest;
  SAMOVAR_ASSIGN(const net::ClientResponse answer, ask(std::move(request)));
  SAMOVAR_TRY(judge(answer, "PUT manifests/" + image_.tag));
  const auto said = answer.response.headers.find("Docker-Content-Digest");
  const std::string ours = "sha256:" + store::sha256(manifest).hex();
  if (!said || *said == ours) return {};
  return corrupt(
      fmt::format("{}: the manifest has arrived as {}, expected {}", image_.registry, *said, ours));
}

}  // namespace samovar::cloud
