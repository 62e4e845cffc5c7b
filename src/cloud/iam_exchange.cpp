#include "cloud/iam_exchange.h"

#include "base/log.h"
#include "cloud/cloud_answer.h"
#include "cloud/json_member.h"
#include "cloud/timestamp.h"
#include "json/json.h"
#include "net/http_client.h"

#include <algorithm>
#include <cstdlib>

#include <fmt/format.h>

namespace samovar::cloud {
namespace {

constexpr int64_t kExchangeTimeoutMs = 10'000;
constexpr int64_t kSecondUs = 1'000'000;
constexpr int64_t kTrustedSkewUs = 5 * kSecondUs;      // Date has whole seconds, and is on its way
constexpr int64_t kMaxLifeUs = 12 * 3600 * kSecondUs;  // no IAM token lives longer

}  // namespace

Result<IamToken> IamExchange::exchange(std::string_view member,
                                       const std::function<Result<Secret>(int64_t unix_s)>& proof) {
  SAMOVAR_ASSIGN(const Secret first, proof(unix_us() / kSecondUs));
  auto token = exchange_once(member, first);
  if (token.ok() || token.status().code() == Code::kBusy) return token;
  if (std::abs(seen_ahead_us_ - ahead_us_) <= kTrustedSkewUs) return token;
  ahead_us_ = seen_ahead_us_;
  log::warning("this machine's clock is {} s off that of {}: asking again with its time",
               -ahead_us_ / kSecondUs, options_.url);
  SAMOVAR_ASSIGN(const Secret second, proof(unix_us() / kSecondUs));
  return exchange_once(member, second);
}

Result<IamToken> IamExchange::exchange_once(std::string_view member, const Secret& proof) {
  net::ClientOptions client;
  client.total_timeout_ms = client.connect_timeout_ms = kExchangeTimeoutMs;
  client.max_redirects = 0;
  client.max_body_bytes = 64 << 10;
  client.ca_file = options_.ca_file;
  const json::Value body = {{std::string(member), proof.reveal()}};
  SAMOVAR_ASSIGN(const net::ClientResponse answer,
                 net::HttpClient(client).post(url(), {{"Content-Type", "application/json"}},
                                              json::dump(body)));
  seen_ahead_us_ = ahead_us_;
  int64_t server_us = unix_us();
  if (const auto date = answer.response.headers.find("Date")) {
    if (const auto unix_s = net::parse_http_date(*date)) {
      const int64_t date_us = *unix_s * kSecondUs;
      seen_ahead_us_ = date_us - clock_.unix_us();
      // Date has whole seconds: within that second this machine's clock knows better.
      server_us = std::clamp(server_us, date_us, date_us + kSecondUs);
    }
  }
  SAMOVAR_ASSIGN(const json::Value reply, read_answer(answer.response, url(), {proof}));
  const std::string* const token = text_member(reply, "iamToken");
  if (token == nullptr || token->empty()) return corrupt(url() + ": an answer without `iamToken`");
  const auto expires_us = parse_rfc3339_us(text_or_empty(reply, "expiresAt"));
  if (!expires_us) return corrupt(url() + ": an answer without a time in `expiresAt`");
  if (*expires_us <= server_us) return corrupt(url() + ": a token that has expired already");
  return IamToken{Secret(*token), std::min(*expires_us - server_us, kMaxLifeUs)};
}

}  // namespace samovar::cloud
