// Which models there are, in Ollama's words: /api/version, /api/tags, /api/ps, /api/show.
#include "api/api.h"
#include "api/body.h"
#include "api/ollama_model.h"
#include "api/ollama_request.h"
#include "api/rfc3339.h"
#include "json/json.h"
#include "plan/plan.h"

#include <algorithm>
#include <limits>

#include <fmt/format.h>

namespace samovar::api {
namespace {

constexpr std::string_view kRunning = "Ollama is running";

// As a Modelfile has parameters: "name      value" in lines.
std::string parameters_text(const ChatFormat& format) {
  std::string out;
  for (const std::string& stop : format.stop) {
    fmt::format_to(std::back_inserter(out), "{}{:<30} {}", out.empty() ? "" : "\n", "stop",
                   json::dump(stop));
  }
  return out;
}

std::string modelfile_text(const std::string& path, const ChatFormat& format) {
  std::string out =
      fmt::format("FROM {}\nTEMPLATE \"\"\"{}\"\"\"\n", path, format.chat_template->source());
  for (const std::string& stop : format.stop) {
    fmt::format_to(std::back_inserter(out), "PARAMETER stop {}\n", json::dump(stop));
  }
  return out;
}

// Copilot's chat takes the context it may use from the model's own, and the name it shows from
// general.basename.
void suit_copilot(json::Value& info, const std::string& architecture, int64_t n_slot_ctx,
                  const std::string& name) {
  info["general.basename"] = name;
  info[architecture + ".context_length"] = n_slot_ctx;
}

bool is_newer(const ModelShelf::Entry& a, const ModelShelf::Entry& b) {
  return a.model->modified_unix_us > b.model->modified_unix_us;
}

bool is_copilot(const net::Request& request) {
  return request.headers.find("User-Agent").value_or("").starts_with("GitHubCopilotChat/");
}

}  // namespace

void Api::handle_ollama(net::Request request, net::Responder responder) {
  const bool reads = request.method == net::Method::kGet || request.method == net::Method::kHead;
  if (request.path == "/" && reads) {
    return responder.send(net::Response::text(200, std::string(kRunning)));
  }
  request.path.insert(0, options_.prefix);  // which this port does without
  handle(std::move(request), std::move(responder));
}

net::Response Api::ollama_version(const net::Request&) const {
  return net::Response::json(200, json::dump({{"version", options_.ollama_version}}));
}

// All of the store, and what is served from elsewhere; newest first.
net::Response Api::ollama_tags(const net::Request&) const {
  std::vector<ModelShelf::Entry> listed;
  const auto add = [&](const std::string& name, const std::string& path) {
    auto described = shelf_->describe(path);
    if (described != nullptr) listed.push_back({name, path, std::move(described)});
  };
  const std::vector<ModelSource> served = names_->list();
  const std::vector<ModelShelf::Entry> stored = shelf_->list();
  const auto is_at = [](const std::string& path) {
    return [&path](const auto& model) { return same_file(model.path, path); };
  };
  for (const ModelSource& source : served) {
    if (std::none_of(stored.begin(), stored.end(), is_at(source.path))) add(source.id, source.path);
  }
  for (const ModelShelf::Entry& entry : stored) {
    const auto source = std::find_if(served.begin(), served.end(), is_at(entry.path));
    add(source == served.end() ? entry.name : source->id, entry.path);
  }
  for (const auto& [name, target] : shelf_->aliases()) {
    const auto source = names_->find(target);
    const auto place = source ? std::nullopt : shelf_->find(target);
    add(name, source ? source->path : place ? place->path : std::string());
  }
  std::stable_sort(listed.begin(), listed.end(), is_newer);
  json::Value models = json::Value::array();
  for (const ModelShelf::Entry& entry : listed) {
    models.push_back(entry_json(*entry.model, entry.name));
  }
  return net::Response::json(200, json::dump({{"models", std::move(models)}}));
}

// The one that stays longest first.
net::Response Api::ollama_ps(const net::Request&) const {
  constexpr int64_t kGoForeverUs = std::numeric_limits<int64_t>::max() / 1000;  // 292 years
  json::Value models = json::Value::array();
  std::vector<ModelRegistry::View> views = registry_->views();
  for (ModelRegistry::View& view : views) {
    if (view.left_us == kForever) view.left_us = kGoForeverUs;
  }
  std::stable_sort(views.begin(), views.end(),
                   [](const auto& a, const auto& b) { return a.left_us > b.left_us; });
  for (const ModelRegistry::View& view : views) {
    if (view.model == nullptr) continue;
    const auto described = shelf_->describe(view.model->model->file().path());
    if (described == nullptr) continue;
    json::Value entry = entry_json(*described, view.source.id);
    for (const char* name : {"modified_at", "capabilities"}) entry.erase(name);
    entry["size"] = described->size_bytes + view.model->ledger->used_bytes();
    entry["size_vram"] = 0;
    entry["context_length"] = view.model->engine->options().n_ctx;
    entry["expires_at"] = rfc3339(clock_.unix_us() + std::min(view.left_us, kGoForeverUs));
    models.push_back(std::move(entry));
  }
  return net::Response::json(200, json::dump({{"models", std::move(models)}}));
}

// Read from the file: nothing is loaded for it.
void Api::ollama_show(const net::Request& request, net::Responder responder) {
  const auto refuse = [&](const ApiError& error) {
    responder.send(error_response(error, request.path));
  };
  if (request.body.empty()) return refuse({.message = "missing request body"});
  ApiError error;
  const auto body = parse_body(request, error);
  if (!body) return refuse(error);
  Fields fields(*body);
  const std::string name = read_ollama_model(fields);
  const bool verbose = fields.boolean("verbose", false);
  if (fields.error()) return refuse(*fields.error());
  run_long(work_, responder, request.path, [this, request, responder, name, verbose] {
    responder.send(show_model(request, name, verbose));
  });
}

net::Response Api::show_model(const net::Request& request, const std::string& name,
                              bool verbose) const {
  const auto refuse = [&](const ApiError& error) { return error_response(error, request.path); };
  const auto source = names_->find(name);
  if (!source) return refuse(no_such_model(name, request.path));
  const auto described = shelf_->describe(source->path);
  const auto file = gguf::File::open(source->path);
  if (described == nullptr || !file.ok()) {
    return refuse(from_status(file.ok() ? corrupt(source->path + " is no model") : file.status()));
  }
  const auto format = choose_chat_format(*file, options_.chat_format);
  if (!format.ok()) return refuse(from_status(format.status()));
  json::Value info = model_info_json(*file, verbose ? Arrays::kWhole : Arrays::kShort);
  info["general.parameter_count"] = described->facts.n_parameters;
  if (is_copilot(request)) {
    suit_copilot(info, described->facts.architecture, n_ctx_of(*source, described->facts), name);
  }
  json::Value out = {{"modelfile", modelfile_text(source->path, *format)},
                     {"template", format->chat_template->source()},
                     {"details", details_json(*described)},
                     {"model_info", std::move(info)},
                     {"tensors", tensors_json(*file)},
                     {"capabilities", described->capabilities},
                     {"modified_at", rfc3339(described->modified_unix_us)}};
  if (!described->facts.license.empty()) out["license"] = described->facts.license;
  if (!format->stop.empty()) out["parameters"] = parameters_text(*format);
  return net::Response::json(200, json::dump(out));
}

// Tokens of a slot; of a model that is not there yet at least what it will get.
int64_t Api::n_ctx_of(const ModelSource& source, const model::ModelFacts& facts) const {
  if (const ServedPointer model = registry_->peek(source.id)) return model->engine->options().n_ctx;
  const int64_t least = options_.n_ctx > 0 ? options_.n_ctx : plan::kContextBesideOthers;
  return facts.n_ctx > 0 ? std::min(facts.n_ctx, least) : least;
}

}  // namespace samovar::api
