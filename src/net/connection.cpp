#include "net/connection.h"

#include "base/log.h"
#include "net/response_head.h"

#include <algorithm>
#include <limits>

namespace samovar::net {
namespace {

using State = RequestReader::State;

// Bytes of later requests that are taken while an answer is under way. Beyond it the socket is not
// read, and the session asks the system whether the peer still is there.
constexpr size_t kMaxWaitingBytes = 64 << 10;

constexpr int64_t kUsPerMs = 1000;

ReaderLimits reader_limits(const ServerOptions& options) {
  return {.max_body_bytes = options.max_body_bytes,
          .max_request_line_bytes = options.max_request_line_bytes,
          .max_header_bytes = options.max_header_bytes,
          .max_headers = options.max_headers};
}

bool is_valid_id(std::string_view id) {
  return !id.empty() && id.size() <= 128 &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

bool has_no_body(int status) {
  return status == 204 || status == 304;
}

bool asks_to_close(const Headers& headers) {
  return equals_ignoring_case(headers.find("Connection").value_or(""), "close");
}

}  // namespace

Connection::Connection(const ServerOptions& options, const Clock& clock, Peer peer,
                       Dispatch dispatch)
    : options_(options),
      clock_(clock),
      peer_(std::move(peer)),
      dispatch_(std::move(dispatch)),
      reader_(reader_limits(options)) {
  note_phase(Phase::kReading);
}

void Connection::received(std::string_view bytes) {
  if (phase_ == Phase::kClosing || phase_ == Phase::kClosed) return;  // lingering: read and forget
  reader_.feed(bytes);
  if (phase_ == Phase::kReading) advance();
}

// Acts on what the reader has, unless the peer is far behind with reading: then sent() goes on.
// REQUIRES: kReading.
void Connection::advance() {
  if (is_backed_up()) return;
  const State state = reader_.state();
  if (state != std::exchange(reading_, state)) phase_us_ = clock_.monotonic_us();
  const bool has_body = state == State::kBody || state == State::kComplete;
  if (has_body && !has_room_for_body()) {
    return fail_request(503, "too many large bodies at the same time: try again later");
  }
  if (state == State::kComplete) return start_exchange();
  if (state == State::kFailed) return fail_request(reader_.error().status, reader_.error().message);
  if (state == State::kBody && reader_.expects_continue() && !std::exchange(sent_continue_, true)) {
    queue("HTTP/1.1 100 Continue\r\n\r\n");
  }
  if (state == State::kIdle && draining_) note_phase(Phase::kClosing);
}

bool Connection::has_room_for_body() {
  const size_t n_bytes = reader_.body_bytes();
  if (options_.bodies == nullptr || n_bytes <= BodyBudget::kFreeBytes) return true;
  if (share_ == nullptr) share_ = std::make_shared<BodyShare>(options_.bodies);
  return share_->cover(n_bytes);
}

void Connection::start_exchange() {
  std::string body = std::exchange(reader_.request().body, {});
  adopt(std::move(reader_.request()));
  Request request = request_;
  request.body = std::move(body);
  request.share = std::move(share_);
  flags_ = std::make_shared<Flags>();
  note_phase(Phase::kAnswering);
  dispatch_(std::move(request), number_, flags_);
}

// Begins the answer to `request`, which may be cut short.
void Connection::adopt(Request request) {
  ++number_;
  request_ = std::move(request);
  const std::string_view id = request_.headers.find("X-Request-Id").value_or("");
  request_.id = is_valid_id(id) ? std::string(id) : peer_.id_prefix + "-" + std::to_string(number_);
  request_.remote_address = peer_.address;
  keep_alive_ = request_.keep_alive;
  exchange_us_ = clock_.monotonic_us();
}

void Connection::answer(uint64_t number, Response response) {
  if (!is_current(number) || phase_ != Phase::kAnswering) return;
  keep_alive_ = keep_alive_ && !draining_ && !asks_to_close(response.headers);
  const bool bodiless = has_no_body(response.status);
  std::optional<uint64_t> content_bytes;
  if (!bodiless) content_bytes = response.body.size();
  queue_head(response.status, std::move(response.headers), content_bytes, false);
  if (!bodiless && request_.method != Method::kHead) queue(response.body);
  finish_exchange(response.status);
}

void Connection::begin_stream(uint64_t number, int status, Headers headers, StreamPing ping) {
  if (!is_current(number) || phase_ != Phase::kAnswering) return;
  const bool chunked = request_.minor_version >= 1;
  keep_alive_ = keep_alive_ && chunked && !draining_ && !asks_to_close(headers);
  const bool head_only = request_.method == Method::kHead;
  queue_head(status, std::move(headers), std::nullopt, chunked && !head_only);
  status_ = status;
  ping_ = std::move(ping);
  phase_ = Phase::kStreaming;
  if (head_only) finish_exchange(status);
}

void Connection::write(uint64_t number, std::string_view bytes) {
  if (!is_current(number) || phase_ != Phase::kStreaming) return;
  if (is_backed_up()) return cut();
  queue(request_.minor_version >= 1 ? chunk(bytes) : bytes);
}

void Connection::end(uint64_t number) {
  if (!is_current(number) || phase_ != Phase::kStreaming) return;
  if (request_.minor_version >= 1) queue(kLastChunk);
  finish_exchange(status_);
}

void Connection::abort(uint64_t number) {
  if (is_current(number)) cut();
}

void Connection::on_close(uint64_t number, std::function<void()> callback) {
  if (is_current(number)) {
    on_close_ = std::move(callback);
  } else if (number == number_ && flags_->gone.load()) {
    callback();
  }
}

void Connection::abandoned(uint64_t number) {
  if (!is_current(number)) return;
  if (phase_ == Phase::kStreaming) return cut();
  answer(number,
         options_.shape_error(500, request_.path, "the request was dropped without an answer"));
}

void Connection::finish_exchange(int status) {
  on_close_ = nullptr;
  record(status);
  request_ = {};
  if (!keep_alive_) return note_phase(Phase::kClosing);
  sent_continue_ = false;
  reading_ = reader_.next();
  note_phase(Phase::kReading);
  advance();
}

void Connection::queue_head(int status, Headers headers, std::optional<uint64_t> content_bytes,
                            bool chunked) {
  const bool known = !request_.method_text.empty();
  if (known && options_.decorate) options_.decorate(request_, headers);
  queue(response_head(status, headers,
                      {.request_id = request_.id,
                       .minor_version = request_.minor_version,
                       .keep_alive = keep_alive_,
                       .chunked = chunked,
                       .content_bytes = content_bytes,
                       .unix_us = clock_.unix_us()}));
}

// Answers a request that could not be read, and ends the connection.
void Connection::fail_request(int status, std::string_view message) {
  std::string().swap(reader_.request().body);  // its share of the budget is given back
  adopt(std::move(reader_.request()));
  keep_alive_ = false;
  Response response = options_.shape_error(status, request_.path, message);
  queue_head(response.status, std::move(response.headers), response.body.size(), false);
  queue(response.body);
  record(status);
  note_phase(Phase::kClosing);
}

void Connection::refuse(int status, std::string_view message) {
  if (phase_ == Phase::kReading) fail_request(status, message);
}

void Connection::received_end() {
  peer_ended_ = true;
  if (under_way()) return lose_peer();
  if (phase_ != Phase::kClosed) note_phase(unsent_bytes_ == 0 ? Phase::kClosed : Phase::kClosing);
}

void Connection::failed() {
  lose_peer();
}

void Connection::lose_peer() {
  const bool lost = under_way();
  note_phase(Phase::kClosed);
  output_.clear();
  if (!lost) return;
  flags_->gone.store(true);
  if (const auto callback = std::exchange(on_close_, nullptr)) callback();
  record(499);
}

void Connection::cut() {
  reset_ = true;
  lose_peer();
}

void Connection::queue(std::string_view bytes) {
  last_output_us_ = clock_.monotonic_us();
  if (unsent_bytes_ == 0) progress_us_ = last_output_us_;
  unsent_bytes_ += bytes.size();
  output_.append(bytes);
}

void Connection::sent(size_t n_bytes) {
  const bool was_backed_up = is_backed_up();
  unsent_bytes_ -= n_bytes;
  progress_us_ = clock_.monotonic_us();
  if (phase_ == Phase::kReading && was_backed_up && !is_backed_up()) {
    phase_us_ = progress_us_;
    advance();
  }
  if (!wants_shutdown()) return;
  note_phase(peer_ended_ ? Phase::kClosed : Phase::kClosing);  // lingers from here
}

void Connection::drain() {
  draining_ = true;
  if (phase_ == Phase::kReading && reader_.state() == State::kIdle) note_phase(Phase::kClosing);
}

void Connection::note_phase(Phase phase) {
  if (phase == Phase::kClosing || phase == Phase::kClosed) share_ = nullptr;
  phase_ = phase;
  phase_us_ = clock_.monotonic_us();
}

bool Connection::wants_read() const {
  if (under_way()) return reader_.waiting_bytes() < kMaxWaitingBytes;
  if (phase_ == Phase::kReading && is_backed_up()) return false;
  return phase_ != Phase::kClosed && !peer_ended_;
}

bool Connection::wants_shutdown() const {
  return phase_ == Phase::kClosing && unsent_bytes_ == 0;
}

int64_t Connection::reading_deadline_us() const {
  switch (reader_.state()) {
    case State::kIdle:
      return phase_us_ +
             kUsPerMs * (number_ == 0 ? options_.head_timeout_ms : options_.keep_alive_ms);
    case State::kHead:
      return phase_us_ + kUsPerMs * options_.head_timeout_ms;
    default: {
      const auto body_bytes = static_cast<int64_t>(reader_.body_bytes());
      return phase_us_ + kUsPerMs * options_.body_timeout_ms +
             body_bytes * 1'000'000 / options_.min_body_bytes_per_s;
    }
  }
}

// When the next ping is due: never to a peer that has enough to read.
std::optional<int64_t> Connection::ping_us() const {
  if (phase_ != Phase::kStreaming || ping_.bytes.empty() || ping_.interval_ms <= 0 ||
      is_backed_up()) {
    return std::nullopt;
  }
  return last_output_us_ + kUsPerMs * ping_.interval_ms;
}

int64_t Connection::deadline_us() const {
  int64_t deadline = std::numeric_limits<int64_t>::max();
  if (phase_ == Phase::kReading && !is_backed_up()) deadline = reading_deadline_us();
  if (under_way()) deadline = exchange_us_ + kUsPerMs * options_.answer_timeout_ms;
  if (wants_shutdown()) deadline = phase_us_ + kUsPerMs * options_.linger_ms;
  if (unsent_bytes_ > 0) {
    deadline = std::min(deadline, progress_us_ + kUsPerMs * options_.write_stall_ms);
  }
  return std::min(deadline, ping_us().value_or(deadline));
}

void Connection::tick() {
  const int64_t now_us = clock_.monotonic_us();
  if (phase_ == Phase::kClosed) return;
  if (under_way() && flags_->abandoned.load()) return abandoned(number_);
  if (const auto ping = ping_us(); ping && now_us >= *ping) write(number_, ping_.bytes);
  if (now_us < deadline_us()) return;
  const bool stalled =
      unsent_bytes_ > 0 && now_us >= progress_us_ + kUsPerMs * options_.write_stall_ms;
  if (under_way() || stalled) return cut();
  if (phase_ == Phase::kClosing) return note_phase(Phase::kClosed);
  if (reader_.state() == State::kIdle) return note_phase(Phase::kClosing);
  fail_request(408, "the request did not arrive in time");
}

void Connection::record(int status) const {
  const AccessRecord access = {.method = request_.method,
                               .path = request_.path,
                               .status = status,
                               .duration_us = clock_.monotonic_us() - exchange_us_,
                               .request_id = request_.id,
                               .remote_address = peer_.address};
  log::debug("{} {} {} {} us, {} from {}", method_name(access.method), access.path, status,
             access.duration_us, access.request_id, peer_.address);
  if (options_.on_access) options_.on_access(access);
}

}  // namespace samovar::net
