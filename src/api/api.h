// Api: routes HTTP requests to the model that is served and shapes what comes back.
//
// Translates OpenAI's JSON to engine requests; holds no inference state of its own. Handlers run on
// I/O threads. Readiness follows set_model() and drain().
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "api/call.h"
#include "api/chat_format.h"
#include "api/generation.h"
#include "api/generation_fields.h"
#include "api/grammar_cache.h"
#include "api/model_names.h"
#include "api/model_registry.h"
#include "api/openai_shape.h"
#include "api/served_model.h"
#include "api/server_metrics.h"
#include "api/throughput.h"
#include "base/work_queue.h"
#include "net/access.h"
#include "net/http_server.h"
#include "plan/pressure_ladder.h"
#include "store/store.h"

#include <atomic>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::api {

class ModelPulls;
struct EmbeddingWork;
struct OllamaRequest;

struct ApiOptions {
  std::string model_id;  // of the only model there is, unless `names` says more
  ModelNamesOptions names;
  ModelRegistryOptions registry;
  bool autoload = true;     // requests load models; else only POST /models/load does
  int64_t n_ctx = 0;        // tokens that a model's slots get; 0: what fits
  std::string chat_format;  // empty: the files' own templates
  net::ApiKeys keys;        // empty: everybody may ask
  net::CorsPolicy cors;
  bool check_host = true;  // refuse foreign Host headers (loopback without a key)
  std::vector<std::string> extra_hosts;
  GenerationDefaults defaults;
  std::vector<std::string> aliases, tags;  // listed with the model
  std::string prefix;                      // of all paths: "/llm"; empty: none
  bool page = true;                        // the chat page at /
  bool metrics = true;                     // /metrics; off: 501, as the three below
  bool metrics_public = false;             // /metrics without a key, too
  ThroughputWindow throughput;             // of its tokens per second
  bool slots = true;
  bool props = false;                     // POST /props
  std::optional<model::Pooling> pooling;  // of embeddings; nothing: what the model's file says
  bool tools = true;                      // chats take tools
  int64_t queue_timeout_us = 0;           // that a request waits for a slot, else 503; 0: for ever
  int compile_threads = 2;      // for grammars; 0: the thread that brought the request compiles
  bool spm_infill = false;      // the suffix stands first in prompts for filling in
  bool waits_for_start = true;  // Ollama's routes; false: 503, as all others answer then
  std::string ollama_version = "0.17.6";  // what /api/version says: clients ask for a least one
  std::shared_ptr<const store::Store>
      models;  // /api/tags lists it, /api/pull fills it; may be null
};

class Api {
 public:
  Api(ApiOptions options, const Clock& clock = system_clock());
  ~Api();

  // Where tasks run; set once, before the first request.
  void set_poster(Poster poster) { poster_ = std::move(poster); }
  // Runs a task after some milliseconds; without it nobody waits for a model in vain but forever.
  void set_timer(Timer timer) { registry_->set_timer(std::move(timer)); }
  // From now on inference is answered: the models of the command line are there.
  void set_ready() { ready_ = true; }
  // Serves a model that was loaded elsewhere, under ApiOptions::model_id. Null: ends all models.
  void set_model(ServedPointer model);
  ModelRegistry& registry() { return *registry_; }
  // /readyz and new inference answer 503 from now on.
  void drain();
  // Gives up what that rung and those below say, from now on; once a second while there is any.
  // THREAD: any.
  void relieve(plan::PressureRung rung);
  // Waits for what still is being read or pulled off the I/O threads; before the servers end.
  void finish_work();

  void handle(net::Request request, net::Responder responder);
  // The same on Ollama's port, whose `/` says that it runs.
  void handle_ollama(net::Request request, net::Responder responder);
  // /metrics and nothing else, for whoever reaches that port.
  void handle_metrics(const net::Request& request, const net::Responder& responder);
  // For the server's own errors (bad request line, body too large, ...).
  static net::Response server_error(int status, std::string_view path, std::string_view message);
  // The same for a path as it was sent, with the prefix.
  net::Response prefixed_server_error(int status, std::string_view path,
                                      std::string_view message) const {
    return server_error(status, inner_path(path), message);
  }
  // CORS for every answer, the server's own errors included.
  void add_headers(const net::Request& request, net::Headers& response) const;
  // Counts an answered request in the metrics.
  void on_access(const net::AccessRecord& record);

  // What is answered: "/v1/models/{id}", "GET, HEAD, OPTIONS".
  struct RouteInfo {
    std::string_view path;
    std::string methods;
    bool needs_key;
  };
  static std::vector<RouteInfo> routes();

 private:
  // Answers at once; asks for the model itself if it needs it.
  using Plain = net::Response (Api::*)(const net::Request&) const;
  using Inference = void (Api::*)(const Call&, Fields&);
  struct OllamaCall;
  // Waits for the model. What the routes have in common is read; problems with it are in the
  // fields.
  using Patient = void (Api::*)(OllamaCall&, Fields&, const OllamaRequest&);
  // Needs no model, and answers in its own time.
  using Slow = void (Api::*)(const net::Request&, net::Responder);
  struct Route;
  // A request that is understood: what start() needs to answer it.
  struct Task {
    GenerationFields fields;
    std::vector<std::vector<int32_t>> prompts;
    std::unique_ptr<AnswerShape> shape;
    Delivery stream;                // how, if the client wants a stream
    std::vector<std::string> echo;  // of each prompt; empty: none
    bool prompt_chances = false;    // of the echoed tokens
    bool empty_prompts_end = false;
    bool keep_ids = false;  // for Outcome::ids
    AnswerReading reading;
    std::optional<engine::ThoughtWatch> thought;
  };
  static std::span<const Route> route_table();
  static const Route* find_route(std::string_view path);
  std::string inner_path(std::string_view path) const;

  void answer(const Route& route, const net::Request& request, net::Responder responder);
  // Off the I/O thread, which others wait for.
  static void run_long(WorkQueue& queue, const net::Responder& responder, std::string path,
                       std::function<void()> task);
  static bool is_long(const net::Request& request);
  void infer(Inference inference, const net::Request& request, net::Responder responder);
  void infer_patiently(Patient inference, const net::Request& request, net::Responder responder);
  // How a request goes on once its model is there.
  using GoOn = std::function<void(const net::Request&, const ServedPointer&, net::Responder)>;
  void with_model(const ModelSource& source, const net::Request& request, net::Responder responder,
                  GoOn go_on);
  // At once, or off the I/O thread where the request compiles a grammar.
  void go_on_with(const json::Value& body, const Call& call, GoOn go_on);
  std::optional<ModelSource> named_model(const std::string& name, std::string_view path,
                                         ApiError& error) const;
  std::optional<ModelSource> chosen_model(const net::Request& request, ApiError& error) const;
  ServedPointer asked_model(const net::Request& request, ApiError& error) const;
  const std::string& id_of(const ServedModel& served) const;
  void perform(Inference inference, const Call& call);
  void chat(const Call& call, Fields& fields);
  void complete(const Call& call, Fields& fields);
  void complete_native(const Call& call, Fields& fields);
  void infill(const Call& call, Fields& fields);
  void count_chat(const Call& call, Fields& fields);
  void apply_template(const Call& call, Fields& fields);
  void tokenize(const Call& call, Fields& fields);
  void detokenize(const Call& call, Fields& fields);
  // Gives a completion its grammar, once its prompts fit. False: it is refused.
  bool constrain(const Call& call, Fields& fields, Task& task);
  int64_t queue_deadline_us() const;
  void start(const Call& call, Task task);

  enum class EmbeddingAnswer : uint8_t { kOpenAi, kNative };
  // What the flag says, else the model's file, else `fallback`.
  model::Pooling pooling_of(const ServedModel& served, model::Pooling fallback) const;
  void run_embedding(const Call& call, EmbeddingWork work);
  void answer_embedding(const Call& call, Fields& fields, EmbeddingAnswer answer);
  void embed(const Call& call, Fields& fields);
  void embed_native(const Call& call, Fields& fields);
  // Which models are loaded.
  std::optional<ModelSource> body_model(const net::Request& request, ApiError& error) const;
  net::Response load_model(const net::Request& request) const;
  net::Response unload_model(const net::Request& request) const;
  // `file`: what it tells; null: it cannot be read.
  json::Value model_json(const ModelSource& source, const OllamaModel* file,
                         const std::vector<ModelRegistry::View>& loaded) const;

  // Ollama's routes.
  void call_ollama(Patient inference, const json::Value& body, OllamaCall call);
  void keep(const OllamaCall& call, const OllamaRequest& wish) const;
  void answer_ollama_load(const OllamaCall& call, const OllamaRequest& wish) const;
  void answer_ollama(const OllamaCall& call, Fields& request, const OllamaRequest& wish,
                     std::vector<int32_t> prompt);
  // Of /api/generate, by whichever of its forms the request takes.
  std::vector<int32_t> ollama_prompt(Fields& fields, const ServedModel& served,
                                     const OllamaRequest& wish) const;
  void ollama_generate(OllamaCall& call, Fields& fields, const OllamaRequest& wish);
  void ollama_chat(OllamaCall& call, Fields& fields, const OllamaRequest& wish);
  void ollama_embed(OllamaCall& call, Fields& fields, const OllamaRequest& wish);
  void ollama_show(const net::Request& request, net::Responder responder);
  net::Response show_model(const net::Request& request, const std::string& name,
                           bool verbose) const;
  int64_t n_ctx_of(const ModelSource& source, const model::ModelFacts& facts) const;
  net::Response ollama_version(const net::Request& request) const;
  net::Response ollama_tags(const net::Request& request) const;
  net::Response ollama_ps(const net::Request& request) const;
  void ollama_pull(const net::Request& request, net::Responder responder);
  net::Response ollama_delete(const net::Request& request) const;
  net::Response ollama_copy(const net::Request& request) const;

  // What flags say, else the model's file, else we.
  GenerationDefaults defaults_for(const ServedModel& served) const;
  AnswerHead answer_head(std::string_view id_prefix, const ServedModel& served) const;
  OpenAiShapeOptions openai_shape_options(const Task& task, const ServedModel& served) const;
  std::unique_ptr<AnswerShape> native_answer_shape(const Task& task,
                                                   const ServedModel& served) const;

  net::Response health(const net::Request& request) const;
  net::Response liveness(const net::Request& request) const;
  net::Response readiness(const net::Request& request) const;
  net::Response models(const net::Request& request) const;
  net::Response metrics_text(const net::Request& request) const;
  net::Response metrics_text(bool moves_window) const;
  net::Response page(const net::Request& request) const;
  net::Response docs(const net::Request& request) const;
  net::Response openapi(const net::Request& request) const;
  net::Response props(const net::Request& request) const;
  net::Response router_props() const;
  net::Response set_props(const net::Request& request) const;
  net::Response slots(const net::Request& request) const;
  net::Response not_built(const net::Request& request) const;
  std::optional<ApiError> not_ready() const;
  std::optional<ApiError> takes_nothing_new() const;
  std::optional<ApiError> cannot_answer() const;

  ApiOptions options_;
  const Clock& clock_;
  Poster poster_;
  std::atomic<bool> ready_{false}, draining_{false};
  std::atomic<plan::PressureRung> pressure_{plan::PressureRung::kNone};
  const int64_t started_unix_s_;
  const int64_t max_loaded_;

  std::unique_ptr<ModelShelf> shelf_;
  std::unique_ptr<ModelNames> names_;
  std::unique_ptr<ModelRegistry> registry_;  // ends before what it calls
  std::unique_ptr<ServerMetrics> metrics_;
  std::unique_ptr<ModelPulls> pulls_;
  GrammarCache grammars_;  // of all models
  // Last: their tasks use all of the above. What compiles grammars holds up no list of models.
  WorkQueue work_{2}, compiling_;
};

}  // namespace samovar::api
