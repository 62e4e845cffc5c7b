#include "net/responder.h"

#include "net/exchange.h"

#include <utility>

namespace samovar::net {

void Responder::send(Response response) const {
  exchange_->run_last(
      false, [n = exchange_->number(), response = std::move(response)](
                 Connection& connection) mutable { connection.answer(n, std::move(response)); });
}

void Responder::begin_stream(int status, Headers headers, StreamPing ping) const {
  exchange_->begin_stream([n = exchange_->number(), status, headers = std::move(headers),
                           ping = std::move(ping)](Connection& connection) mutable {
    connection.begin_stream(n, status, std::move(headers), std::move(ping));
  });
}

void Responder::write(std::string bytes) const {
  exchange_->run([n = exchange_->number(), bytes = std::move(bytes)](Connection& connection) {
    connection.write(n, bytes);
  });
}

void Responder::end() const {
  exchange_->run_last(true,
                      [n = exchange_->number()](Connection& connection) { connection.end(n); });
}

void Responder::abort() const {
  exchange_->run([n = exchange_->number()](Connection& connection) { connection.abort(n); });
}

bool Responder::closed() const {
  return exchange_->gone();
}

void Responder::on_close(std::function<void()> callback) const {
  // The callback is kept here too, for the case that the server has stopped.
  const bool taken = exchange_->run([n = exchange_->number(), callback](Connection& connection) {
    connection.on_close(n, callback);
  });
  if (!taken && exchange_->gone()) callback();
}

}  // namespace samovar::net
