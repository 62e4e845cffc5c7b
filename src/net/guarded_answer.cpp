#include "net/guarded_answer.h"

#include "base/log.h"
#include "base/memory_reserve.h"

#include <exception>
#include <new>

namespace samovar::net {

void guard_answer(const Responder& responder,
                  const std::function<Response(int status, std::string_view message)>& error,
                  const std::function<void()>& work) {
  if (!refill_memory_reserve()) return responder.send(error(503, "out of memory"));
  try {
    work();
  } catch (const std::bad_alloc&) {
    responder.send(error(503, "out of memory"));
  } catch (const std::exception& thrown) {
    log::error("a request handler threw: {}", thrown.what());
    responder.send(error(500, "internal error"));
  }
}

}  // namespace samovar::net
