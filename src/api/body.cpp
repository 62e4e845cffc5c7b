#include "api/body.h"

#include "api/call.h"
#include "json/json.h"

#include <fmt/format.h>

namespace samovar::api {

Result<json::Value> parse_body(const net::Request& request) {
  if (request.body.empty())
    return invalid_argument("the request has no body; a JSON object is expected");
  SAMOVAR_ASSIGN(json::Value body, json::parse(request.body));
  if (!body.is_object()) {
    return invalid_argument(
        fmt::format("the body must be a JSON object, not {}", json::type_name(body)));
  }
  return body;
}

void Call::answer(const json::Value& value) const {
  responder.send(net::Response::json(200, json::dump(value)));
}

}  // namespace samovar::api
