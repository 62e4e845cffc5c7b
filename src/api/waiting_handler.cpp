// Requests that wait until the model is there or take long to read, and how they go on.
#include "api/api.h"
#include "base/log.h"
#include "net/guarded_answer.h"

#include <exception>

namespace samovar::api {
namespace {

constexpr int64_t kPatienceMs = 5 * 60'000;
constexpr size_t kMaxWaiting = 512;
constexpr size_t kLongBody = size_t{256} << 10;  // B: to parse and tokenize it takes milliseconds

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

bool Api::is_long(const net::Request& request) {
  return request.body.size() > kLongBody;
}

void Api::run_long(const net::Responder& responder, std::string path, std::function<void()> task) {
  const bool added = work_.add([responder, path, task = std::move(task)] {
    const auto error = [&](int status, std::string_view message) {
      return server_error(status, path, message);
    };
    try {
      net::guard_answer(responder, error, task);
    } catch (const std::exception& thrown) {  // without memory even for that: the client hears 500
      log::error("{}: {}", path, thrown.what());
    }
  });
  if (!added) responder.send(server_error(503, path, "the server is shutting down"));
}

void Api::set_model(ServedPointer model) {
  std::list<Waiting> waiting;
  {
    MutexLock lock(mutex_);
    served_ = model;
    waiting.swap(waiting_);
  }
  for (Waiting& one : waiting) {
    const bool is_long_one = is_long(one.request);
    const net::Responder responder = one.responder;
    const std::string path = one.request.path;
    auto task = [this, model, one = std::move(one)] {
      if (!one.responder.closed()) {
        (this->*one.inference)(one.request, model, one.responder, one.arrived_us);
      }
    };
    if (is_long_one) {
      run_long(responder, path, std::move(task));
    } else {
      poster_(std::move(task));
    }
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
