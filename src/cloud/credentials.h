// Credentials: the current Authorization of one identity, for many threads.
//
// A token is fetched anew once 80 % of its life have passed, by whoever asks then, one at a time;
// the others go on with the old one, or wait when there is none. A failed fetch is not tried again
// before a growing pause has passed, unless the key file has changed. Must not know HTTP. Thread:
// any; a call blocks as long as TokenSource::fetch() does. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "base/secret.h"
#include "base/status.h"
#include "base/sync.h"
#include "cloud/token_source.h"

#include <cstdint>
#include <memory>

namespace samovar::cloud {

class Credentials {
 public:
  // BORROWS the clock.
  Credentials(std::unique_ptr<TokenSource> source, const Clock& clock)
      : source_(std::move(source)), clock_(clock) {}

  // The value of Authorization: "Bearer t1....". Never that of a token in its last twentieth.
  Result<Secret> authorization();

  // A server has answered `authorization` with 401. RETURNS whether authorization() may bring
  // another one: not if that one was fetched a moment ago.
  bool reject(const Secret& authorization);

  struct Report {
    uint64_t n_fetched = 0;
    uint64_t n_failed = 0;
    int64_t left_us = 0;  // of the token's life; 0: no token, or one without an end
  };
  Report report() const;

 private:
  bool usable(int64_t now_us) const SAMOVAR_TSA(requires_capability(mutex_));
  bool aging(int64_t now_us) const SAMOVAR_TSA(requires_capability(mutex_));
  void settle(Result<IamToken> token) SAMOVAR_TSA(requires_capability(mutex_));

  const std::unique_ptr<TokenSource> source_;  // used by the fetching thread, or under the mutex
  const Clock& clock_;

  mutable Mutex mutex_;
  CondVar settled_;
  bool fetching_ SAMOVAR_TSA(guarded_by(mutex_)) = false;
  Secret header_ SAMOVAR_TSA(guarded_by(mutex_));  // empty: no token
  int64_t fetched_us_ SAMOVAR_TSA(guarded_by(mutex_)) = 0;
  int64_t life_us_ SAMOVAR_TSA(guarded_by(mutex_)) = 0;  // 0: without an end
  Status failure_ SAMOVAR_TSA(guarded_by(mutex_));       // of the last fetch
  int64_t next_try_us_ SAMOVAR_TSA(guarded_by(mutex_)) = 0;
  int n_failures_in_row_ SAMOVAR_TSA(guarded_by(mutex_)) = 0;
  Report report_ SAMOVAR_TSA(guarded_by(mutex_));
};

}  // namespace samovar::cloud
