// Requests that wait until the model is there, and how they go on.
#include "api/api.h"

namespace samovar::api {
namespace {

constexpr int64_t kPatienceMs = 5 * 60'000;
constexpr size_t kMaxWaiting = 512;

}  // namespace

void Api::infer_patiently(Patient inference, const net::Request& request,
                          net::Responder responder) {
  const int64_t arrived_us = clock_.monotonic_us();
  ServedPointer model;
  bool waits = false;
  {
    MutexLock lock(mutex_);
    model = served_;
    waits = model == nullptr && !draining_ && waiting_.size() < kMaxWaiting;
    if (waits) waiting_.push_back({inference, request, responder, arrived_us});
  }
  if (waits) {
    if (timer_) timer_(kPatienceMs, [this] { end_waiting(); });
  } else if (const auto error = not_ready()) {
    responder.send(error_response(*error, request.path));
  } else {
    (this->*inference)(request, model, std::move(responder), arrived_us);
  }
}

void Api::set_model(ServedPointer model) {
  std::list<Waiting> waiting;
  {
    MutexLock lock(mutex_);
    served_ = model;
    waiting.swap(waiting_);
  }
  for (Waiting& one : waiting) {
    poster_([this, model, one = std::move(one)] {
      if (!one.responder.closed()) {
        (this->*one.inference)(one.request, model, one.responder, one.arrived_us);
      }
    });
  }
}

// Those who have waited long enough get an error.
void Api::end_waiting() {
  const int64_t oldest_us = clock_.monotonic_us() - kPatienceMs * 1000;
  std::list<Waiting> ended;
  {
    MutexLock lock(mutex_);
    while (!waiting_.empty() && (draining_ || waiting_.front().arrived_us <= oldest_us)) {
      ended.splice(ended.end(), waiting_, waiting_.begin());
    }
  }
  for (const Waiting& one : ended) {
    const ApiError error{.http = 503, .type = "unavailable_error", .message = "Loading model"};
    one.responder.send(error_response(error, one.request.path));
  }
}

}  // namespace samovar::api
