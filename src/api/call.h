// A request with its model, and the way to answer it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/error.h"
#include "api/served_model.h"
#include "json/json_fwd.h"
#include "net/http_types.h"
#include "net/responder.h"

namespace samovar::api {

struct Call {
  const net::Request& request;
  const ServedPointer& served;
  net::Responder responder;

  void refuse(const ApiError& error) const { responder.send(error_response(error, request.path)); }
  void answer(const json::Value& value) const;
};

}  // namespace samovar::api
