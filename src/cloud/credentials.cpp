#include "cloud/credentials.h"

#include "base/log.h"

#include <algorithm>
#include <new>
#include <string>
#include <utility>

namespace samovar::cloud {
namespace {

constexpr int64_t kSecondUs = 1'000'000;
constexpr int64_t kMaxPauseUs = 60 * kSecondUs;
// A token younger than this that is refused would be refused again.
constexpr int64_t kFreshUs = 5 * kSecondUs;

int64_t pause_us(int n_failures) {
  return std::min(kSecondUs << std::min(n_failures - 1, 10), kMaxPauseUs);
}

}  // namespace

bool Credentials::usable(int64_t now_us) const {
  if (header_.empty()) return false;
  return life_us_ == 0 || now_us - fetched_us_ < life_us_ / 20 * 19;
}

bool Credentials::aging(int64_t now_us) const {
  if (life_us_ > 0 && now_us - fetched_us_ >= life_us_ / 5 * 4) return true;
  return source_->changed();
}

Result<Secret> Credentials::authorization() {
  {
    MutexLock lock(mutex_);
    while (fetching_ && !usable(clock_.monotonic_us())) settled_.wait(mutex_);
    const int64_t now_us = clock_.monotonic_us();
    if (usable(now_us) && (fetching_ || !aging(now_us))) return header_;
    if (now_us < next_try_us_ && !source_->changed()) {
      if (usable(now_us)) return header_;
      return failure_;
    }
    fetching_ = true;
  }
  Result<IamToken> token = out_of_memory();
  try {
    token = source_->fetch();
  } catch (const std::bad_alloc&) {  // those who wait must hear of it
  }
  MutexLock lock(mutex_);
  settle(std::move(token));
  if (usable(clock_.monotonic_us())) return header_;
  return failure_;
}

void Credentials::settle(Result<IamToken> token) {
  fetching_ = false;
  settled_.notify_all();
  const int64_t now_us = clock_.monotonic_us();
  if (token.ok()) {
    header_ = Secret(std::string(source_->scheme()) + " " + token->value.reveal());
    fetched_us_ = now_us;
    life_us_ = token->life_us;
    n_failures_in_row_ = 0;
    next_try_us_ = 0;
    ++report_.n_fetched;
    log::info("a token was fetched; it lives {} s", life_us_ / kSecondUs);
    return;
  }
  failure_ = token.status();
  ++report_.n_failed;
  next_try_us_ = now_us + pause_us(++n_failures_in_row_);
  log::warning("no new token, next try in {} s: {}", (next_try_us_ - now_us) / kSecondUs,
               failure_.message());
}

bool Credentials::reject(const Secret& authorization) {
  MutexLock lock(mutex_);
  if (!source_->renews()) return false;
  if (header_.reveal() != authorization.reveal()) return true;  // another one is there already
  if (clock_.monotonic_us() - fetched_us_ < kFreshUs) return false;
  header_ = {};
  next_try_us_ = 0;
  return true;
}

Credentials::Report Credentials::report() const {
  MutexLock lock(mutex_);
  Report report = report_;
  if (!header_.empty() && life_us_ > 0) {
    report.left_us = std::max<int64_t>(0, fetched_us_ + life_us_ - clock_.monotonic_us());
  }
  return report;
}

}  // namespace samovar::cloud
