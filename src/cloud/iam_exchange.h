// The exchange of a JWT or an OAuth token for an IAM token.
//
// Source: https://yandex.cloud/en/docs/iam/api-ref/IamToken/create. Thread: one at a time.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cloud/token_source.h"

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

namespace samovar::cloud {

class IamExchange {
 public:
  // BORROWS the clock.
  IamExchange(IamOptions options, const Clock& clock)
      : options_(std::move(options)), clock_(clock) {}

  std::string url() const { return options_.url + "/iam/v1/tokens"; }
  // Asks once, and once more when the answer's Date shows that this machine's clock is wrong.
  // `member`: "jwt" or "yandexPassportOauthToken"; `proof`: its value, made for that time.
  Result<IamToken> exchange(std::string_view member,
                            const std::function<Result<Secret>(int64_t unix_s)>& proof);

 private:
  Result<IamToken> exchange_once(std::string_view member, const Secret& proof);
  int64_t unix_us() const { return clock_.unix_us() + ahead_us_; }

  const IamOptions options_;
  const Clock& clock_;
  int64_t ahead_us_ = 0;       // of the server's clock, as far as it is known
  int64_t seen_ahead_us_ = 0;  // what the last answer's Date says
};

}  // namespace samovar::cloud
