// Requests that take long to read or to answer: off the I/O threads, which others wait for.
#include "api/api.h"
#include "base/log.h"
#include "net/guarded_answer.h"

#include <exception>

namespace samovar::api {
namespace {

constexpr size_t kLongBody = size_t{256} << 10;  // B: to parse and tokenize it takes milliseconds

}  // namespace

bool Api::is_long(const net::Request& request) {
  return request.body.size() > kLongBody;
}

void Api::run_long(WorkQueue& queue, const net::Responder& responder, std::string path,
                   std::function<void()> task) {
  const bool added = queue.add([responder, path, task = std::move(task)] {
    if (responder.closed()) return;  // while it waited
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

}  // namespace samovar::api
