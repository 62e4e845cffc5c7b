// Api: routes HTTP requests to the model that is served and shapes what comes back.
//
// Translates OpenAI's JSON to engine requests; holds no inference state of its own. Handlers run on
// I/O threads. Readiness follows set_model() and drain().
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/chat_format.h"
#include "api/generation.h"
#include "api/sampling_fields.h"
#include "api/served_model.h"
#include "api/server_metrics.h"
#include "base/sync.h"
#include "engine/engine.h"
#include "net/access.h"
#include "net/http_server.h"

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::api {

struct ApiOptions {
  std::string model_id;  // what /v1/models lists
  net::ApiKeys keys;     // empty: everybody may ask
  net::CorsPolicy cors;
  bool check_host = true;  // refuse foreign Host headers (loopback without a key)
  std::vector<std::string> extra_hosts;
  GenerationDefaults defaults;
};

class Api {
 public:
  Api(ApiOptions options, const Clock& clock = system_clock());
  ~Api();

  // Where tasks run; set once, before the first request.
  void set_poster(Poster poster) { poster_ = std::move(poster); }
  // From now on inference is answered.
  void set_model(std::shared_ptr<const ServedModel> model);
  // /readyz and new inference answer 503 from now on.
  void drain() { draining_ = true; }

  void handle(net::Request request, net::Responder responder);
  // For the server's own errors (bad request line, body too large, ...).
  static net::Response server_error(int status, std::string_view path, std::string_view message);
  // CORS for every answer, the server's own errors included.
  void add_headers(const net::Request& request, net::Headers& response) const;
  // Counts an answered request in the metrics.
  void on_access(const net::AccessRecord& record);

 private:
  using Inference = void (Api::*)(const net::Request&, const ServedModel&, net::Responder);
  struct Route;
  static const Route* find_route(std::string_view path);

  void answer(const Route& route, const net::Request& request, net::Responder responder);
  void infer(Inference inference, const net::Request& request, net::Responder responder);
  void chat(const net::Request& request, const ServedModel& served, net::Responder responder);
  void complete(const net::Request& request, const ServedModel& served, net::Responder responder);
  void start(const net::Request& request, const ServedModel& served,
             std::unique_ptr<AnswerShape> shape, GenerationFields fields,
             std::vector<int32_t> prompt, net::Responder responder);
  AnswerHead answer_head(std::string_view id_prefix) const;

  net::Response health(const net::Request& request) const;
  net::Response liveness(const net::Request& request) const;
  net::Response readiness(const net::Request& request) const;
  net::Response models(const net::Request& request) const;
  net::Response metrics_text(const net::Request& request) const;
  net::Response page(const net::Request& request) const;
  std::optional<ApiError> not_ready() const;
  std::shared_ptr<const ServedModel> served() const;  // null while loading

  ApiOptions options_;
  const Clock& clock_;
  Poster poster_;
  std::atomic<bool> draining_{false};
  const int64_t started_unix_s_;

  mutable Mutex mutex_;
  std::shared_ptr<const ServedModel> served_ SAMOVAR_TSA(guarded_by(mutex_));
  std::unique_ptr<ServerMetrics> metrics_;
};

}  // namespace samovar::api
