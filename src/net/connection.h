// Connection: HTTP/1.1 of one socket without the socket: bytes in, bytes out, deadlines.
//
// Requests are handled one after the other; the next is not even parsed before an answer has ended.
// Knows the protocol, limits and timeouts; must not know Asio, threads or what handlers do.
// Thread: one at a time (the session's).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/clock.h"
#include "net/request_reader.h"
#include "net/responder.h"
#include "net/server_options.h"

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace samovar::net {

struct Peer {
  std::string address;
  std::string id_prefix;  // unique per connection; request ids made here begin with it
};

class Connection {
 public:
  // Of one request, shared with whoever answers it.
  struct Flags {
    std::atomic<bool> gone{false};       // the peer has gone before the end
    std::atomic<bool> abandoned{false};  // as abandoned(), where no memory was left to call it
  };
  using SharedFlags = std::shared_ptr<Flags>;
  // Called with a whole request, its number and its flags. Must not call back into the connection.
  using Dispatch = std::function<void(Request, uint64_t number, SharedFlags)>;

  // BORROWS options and clock for its life.
  Connection(const ServerOptions& options, const Clock& clock, Peer peer, Dispatch dispatch);

  // --- What happened on the socket.
  void received(std::string_view bytes);
  void received_end();                                // FIN
  void failed();                                      // RST, or any other error
  void sent(size_t n_bytes);                          // of what take_output() gave
  void tick();                                        // deadline_us() has come, or about now
  void drain();                                       // close as soon as no request is under way
  void refuse(int status, std::string_view message);  // answer before any request, then close

  // --- Answers. Calls for a number that is not under way any more do nothing.
  void answer(uint64_t number, Response response);
  void begin_stream(uint64_t number, int status, Headers headers, StreamPing ping);
  void write(uint64_t number, std::string_view bytes);
  void end(uint64_t number);
  void abort(uint64_t number);
  void on_close(uint64_t number, std::function<void()> callback);
  void abandoned(uint64_t number);  // nobody is left to answer

  // --- What the session has to do.
  std::string take_output() { return std::move(output_); }
  bool has_output() const { return !output_.empty(); }
  bool wants_read() const;
  bool wants_shutdown() const;  // all is sent and nothing will follow: send FIN, read on
  bool finished() const { return phase_ == Phase::kClosed; }
  bool wants_reset() const { return reset_; }  // finished() by RST, to drop what the kernel holds
  bool under_way() const { return phase_ == Phase::kAnswering || phase_ == Phase::kStreaming; }
  int64_t deadline_us() const;  // of the clock's monotonic time

 private:
  enum class Phase { kReading, kAnswering, kStreaming, kClosing, kClosed };

  void advance();
  bool has_room_for_body();
  void start_exchange();
  void adopt(Request request);
  void queue_head(int status, Headers headers, std::optional<uint64_t> content_bytes, bool chunked);
  void finish_exchange(int status);
  void lose_peer();
  void cut();
  void fail_request(int status, std::string_view message);
  void queue(std::string_view bytes);
  void note_phase(Phase phase);
  bool is_current(uint64_t number) const { return under_way() && number == number_; }
  bool is_backed_up() const { return unsent_bytes_ > options_.slow_reader_bytes; }
  int64_t reading_deadline_us() const;
  std::optional<int64_t> ping_us() const;
  void record(int status) const;

  const ServerOptions& options_;
  const Clock& clock_;
  const Peer peer_;
  const Dispatch dispatch_;
  RequestReader reader_;

  Phase phase_ = Phase::kReading;
  bool draining_ = false;
  bool reset_ = false;
  bool peer_ended_ = false;
  bool sent_continue_ = false;
  RequestReader::State reading_ = RequestReader::State::kIdle;
  int64_t phase_us_ = 0;     // when this phase (or, in kReading, the reader's state) began
  int64_t progress_us_ = 0;  // when the peer last took bytes, or none waited
  std::string output_;
  size_t unsent_bytes_ = 0;  // queued or handed out, not yet taken by the kernel

  // The request under way.
  uint64_t number_ = 0;
  SharedFlags flags_;
  std::function<void()> on_close_;
  Request request_;                   // without its body, which the handler has
  std::shared_ptr<BodyShare> share_;  // of the body that is being read; null: none yet
  bool keep_alive_ = true;            // what came of the client's wish
  int status_ = 0;                    // of the stream
  int64_t exchange_us_ = 0;
  StreamPing ping_;
  int64_t last_output_us_ = 0;
};

}  // namespace samovar::net
