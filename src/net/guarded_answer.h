// Runs what answers a request; what it throws becomes the answer.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "net/responder.h"

#include <functional>
#include <string_view>

namespace samovar::net {

// `error(status, message)` shapes a 503 for memory that has run out and a 500 for anything else.
// THREAD: any.
void guard_answer(const Responder& responder,
                  const std::function<Response(int status, std::string_view message)>& error,
                  const std::function<void()>& work);

}  // namespace samovar::net
