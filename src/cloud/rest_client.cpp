#include "cloud/rest_client.h"

#include "cloud/cloud_answer.h"
#include "cloud/json_member.h"
#include "cloud/mask.h"
#include "json/json.h"
#include "net/url.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::cloud {
namespace {

constexpr int64_t kRestTimeoutMs = 30'000;
constexpr int kMaxRestTries = 5;
constexpr int kMaxPages = 100;
constexpr int kMaxPolls = 300;
constexpr int64_t kPollMs = 1000;

net::ClientOptions rest_options(const std::string& ca_file) {
  net::ClientOptions options;
  options.connect_timeout_ms = options.total_timeout_ms = kRestTimeoutMs;
  options.max_redirects = 0;
  options.ca_file = ca_file;
  return options;
}

}  // namespace

RestClient::RestClient(Credentials& credentials, CloudUrls urls, const std::string& ca_file,
                       Sleep sleep)
    : credentials_(credentials),
      urls_(std::move(urls)),
      client_(rest_options(ca_file)),
      sleep_(std::move(sleep)) {}

Result<json::Value> RestClient::ask(net::ClientRequest request) {
  SAMOVAR_ASSIGN(request.authorization, credentials_.authorization());
  const std::string what = fmt::format("{} {}", net::method_name(request.method),
                                       request.url.substr(0, request.url.find('?')));
  SAMOVAR_ASSIGN(const net::ClientResponse answer, client_.perform(request));
  return read_answer(answer.response, what, {request.authorization});
}

Result<json::Value> RestClient::get(const std::string& url) {
  for (int n_tries = 1;; ++n_tries) {
    auto answer = ask({.method = net::Method::kGet, .url = url});
    if (answer.ok() || answer.status().code() != Code::kBusy || n_tries == kMaxRestTries) {
      return answer;
    }
    sleep_(int64_t{500} << n_tries);
  }
}

Result<json::Value> RestClient::post(const std::string& url, const json::Value& body) {
  return ask({.method = net::Method::kPost,
              .url = url,
              .headers = {{"Content-Type", "application/json"}},
              .body = json::dump(body)});
}

Status RestClient::remove(const std::string& url) {
  return ask({.method = net::Method::kDelete, .url = url}).status();
}

Result<std::vector<json::Value>> RestClient::list(const std::string& url, const char* member) {
  std::vector<json::Value> all;
  std::string token;
  const char separator = url.find('?') == std::string::npos ? '?' : '&';
  for (int page = 0; page < kMaxPages; ++page) {
    const std::string query =
        token.empty() ? ""
                      : fmt::format("{}pageToken={}", separator, net::percent_encode_value(token));
    SAMOVAR_ASSIGN(const json::Value answer, get(url + query));
    const json::Value* const part = cloud::member(answer, member);
    if (part != nullptr && part->is_array()) all.insert(all.end(), part->begin(), part->end());
    token = text_or_empty(answer, "nextPageToken");
    if (token.empty()) return all;
  }
  return corrupt(fmt::format("{}: more than {} pages", url.substr(0, url.find('?')), kMaxPages));
}

Result<json::Value> RestClient::run(const std::string& url, const json::Value& body) {
  SAMOVAR_ASSIGN(json::Value operation, post(url, body));
  const std::string id = text_or_empty(operation, "id");
  for (int n_polls = 0; n_polls < kMaxPolls; ++n_polls) {
    if (const json::Value* const error = member(operation, "error"); error && error->is_object()) {
      return invalid_argument(
          fmt::format("{}: {}", url, masked(text_or_empty(*error, "message"), {})));
    }
    const json::Value* const done = member(operation, "done");
    if (done != nullptr && *done == json::Value(true)) {
      const json::Value* const response = member(operation, "response");
      return response == nullptr ? json::Value::object() : *response;
    }
    if (id.empty()) return corrupt(url + ": an operation without an `id`");
    sleep_(kPollMs);
    SAMOVAR_ASSIGN(operation, get(urls_.operation + "/operations/" + id));
  }
  return busy(
      fmt::format("{}: operation {} did not end within {} s", url, id, kMaxPolls * kPollMs / 1000));
}

}  // namespace samovar::cloud
