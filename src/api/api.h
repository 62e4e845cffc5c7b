// Api: routes HTTP requests to the model that is served and shapes what comes back.
//
// Translates OpenAI's JSON to engine requests; holds no inference state of its own. Handlers run on
// I/O threads. Readiness follows set_model() and drain().
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/chat_format.h"
#include "api/generation.h"
#include "api/generation_fields.h"
#include "api/openai_shape.h"
#include "api/served_model.h"
#include "api/server_metrics.h"
#include "base/sync.h"
#include "engine/engine.h"
#include "net/access.h"
#include "net/http_server.h"
#include "store/store.h"

#include <atomic>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::api {

class ModelPulls;
class ModelShelf;
struct OllamaRequest;
enum class OllamaRoute : uint8_t;
// Runs a task on an I/O thread after some milliseconds.
using Timer = std::function<void(int64_t delay_ms, std::function<void()>)>;

struct ApiOptions {
  std::string model_id;  // what /v1/models lists
  net::ApiKeys keys;     // empty: everybody may ask
  net::CorsPolicy cors;
  bool check_host = true;  // refuse foreign Host headers (loopback without a key)
  std::vector<std::string> extra_hosts;
  GenerationDefaults defaults;
  std::vector<std::string> aliases, tags;  // listed with the model
  std::string prefix;                      // of all paths: "/llm"; empty: none
  bool page = true;                        // the chat page at /
  bool metrics = true;                     // /metrics; off: 501, as the three below
  bool slots = true;
  bool props = false;                     // POST /props
  bool tools = true;                      // chats take tools
  bool spm_infill = false;                // the suffix stands first in prompts for filling in
  std::string ollama_version = "0.17.6";  // what /api/version says: clients ask for a least one
  std::shared_ptr<const store::Store>
      models;  // /api/tags lists it, /api/pull fills it; may be null
};

using ServedPointer = std::shared_ptr<const ServedModel>;

class Api {
 public:
  Api(ApiOptions options, const Clock& clock = system_clock());
  ~Api();

  // Where tasks run; set once, before the first request.
  void set_poster(Poster poster) { poster_ = std::move(poster); }
  // Runs a task after some milliseconds; without it nobody waits for a model in vain but forever.
  void set_timer(Timer timer) { timer_ = std::move(timer); }
  // From now on inference is answered.
  void set_model(ServedPointer model);
  // /readyz and new inference answer 503 from now on.
  void drain();

  void handle(net::Request request, net::Responder responder);
  // The same on Ollama's port, whose `/` says that it runs.
  void handle_ollama(net::Request request, net::Responder responder);
  // For the server's own errors (bad request line, body too large, ...).
  static net::Response server_error(int status, std::string_view path, std::string_view message);
  // CORS for every answer, the server's own errors included.
  void add_headers(const net::Request& request, net::Headers& response) const;
  // Counts an answered request in the metrics.
  void on_access(const net::AccessRecord& record);

 private:
  // Answers at once; asks for the model itself if it needs it.
  using Plain = net::Response (Api::*)(const net::Request&) const;
  using Inference = void (Api::*)(const net::Request&, const ServedPointer&, net::Responder);
  // Waits for the model; `arrived_us`: monotonic, when the request came.
  using Patient = void (Api::*)(const net::Request&, const ServedPointer&, net::Responder,
                                int64_t arrived_us);
  // Needs no model, and answers in its own time.
  using Slow = void (Api::*)(const net::Request&, net::Responder);
  struct Route;
  struct Waiting {
    Patient inference;
    net::Request request;
    net::Responder responder;
    int64_t arrived_us;
  };
  struct OllamaCall;
  // A request that is understood: what start() needs to answer it.
  struct Task {
    GenerationFields fields;
    std::vector<std::vector<int32_t>> prompts;
    std::unique_ptr<AnswerShape> shape;
    Delivery stream;                // how, if the client wants a stream
    std::vector<std::string> echo;  // of each prompt; empty: none
    bool empty_prompts_end = false;
    bool keep_ids = false;  // for Outcome::ids
    AnswerReading reading;
  };
  static const Route* find_route(std::string_view path);
  std::string inner_path(std::string_view path) const;

  void answer(const Route& route, const net::Request& request, net::Responder responder);
  void infer(Inference inference, const net::Request& request, net::Responder responder);
  void infer_patiently(Patient inference, const net::Request& request, net::Responder responder);
  void end_waiting();
  void chat(const net::Request& request, const ServedPointer& served, net::Responder responder);
  void complete(const net::Request& request, const ServedPointer& served, net::Responder responder);
  void complete_native(const net::Request& request, const ServedPointer& served,
                       net::Responder responder);
  void infill(const net::Request& request, const ServedPointer& served, net::Responder responder);
  void count_chat(const net::Request& request, const ServedPointer& served,
                  net::Responder responder);
  void apply_template(const net::Request& request, const ServedPointer& served,
                      net::Responder responder);
  void tokenize(const net::Request& request, const ServedPointer& served, net::Responder responder);
  void detokenize(const net::Request& request, const ServedPointer& served,
                  net::Responder responder);
  void set_props(const net::Request& request, const ServedPointer& served,
                 net::Responder responder);
  void start(const net::Request& request, const ServedPointer& served, Task task,
             net::Responder responder);

  // Ollama's routes.
  bool serves(const ServedModel& served, std::string_view name) const;
  OllamaCall begin_ollama(OllamaRoute route, const net::Request& request,
                          const ServedPointer& served, net::Responder responder,
                          int64_t arrived_us) const;
  std::optional<json::Value> read_ollama_call(OllamaCall& call) const;
  void answer_ollama_load(const OllamaCall& call, const OllamaRequest& wish) const;
  void answer_ollama(const OllamaCall& call, const OllamaRequest& wish, std::vector<int32_t> prompt,
                     const AnswerReading& reading);
  void ollama_generate(const net::Request& request, const ServedPointer& served,
                       net::Responder responder, int64_t arrived_us);
  void ollama_chat(const net::Request& request, const ServedPointer& served,
                   net::Responder responder, int64_t arrived_us);
  void ollama_show(const net::Request& request, const ServedPointer& served,
                   net::Responder responder, int64_t arrived_us);
  net::Response ollama_version(const net::Request& request) const;
  net::Response ollama_tags(const net::Request& request) const;
  net::Response ollama_ps(const net::Request& request) const;
  void ollama_pull(const net::Request& request, net::Responder responder);
  net::Response ollama_delete(const net::Request& request) const;
  net::Response ollama_copy(const net::Request& request) const;

  AnswerHead answer_head(std::string_view id_prefix) const;
  OpenAiShapeOptions openai_shape_options(const Task& task, const ServedModel& served) const;
  std::unique_ptr<AnswerShape> native_answer_shape(const Task& task,
                                                   const ServedModel& served) const;

  net::Response health(const net::Request& request) const;
  net::Response liveness(const net::Request& request) const;
  net::Response readiness(const net::Request& request) const;
  net::Response models(const net::Request& request) const;
  net::Response metrics_text(const net::Request& request) const;
  net::Response page(const net::Request& request) const;
  net::Response props(const net::Request& request) const;
  net::Response slots(const net::Request& request) const;
  net::Response not_built(const net::Request& request) const;
  std::optional<ApiError> not_ready() const;
  ServedPointer served() const;  // null while loading

  ApiOptions options_;
  const Clock& clock_;
  Poster poster_;
  Timer timer_;
  std::atomic<bool> draining_{false};
  const int64_t started_unix_s_;

  mutable Mutex mutex_;
  ServedPointer served_ SAMOVAR_TSA(guarded_by(mutex_));
  std::list<Waiting> waiting_ SAMOVAR_TSA(guarded_by(mutex_));
  std::unique_ptr<ServerMetrics> metrics_;
  std::unique_ptr<ModelShelf> shelf_;
  std::unique_ptr<ModelPulls> pulls_;
};

}  // namespace samovar::api
