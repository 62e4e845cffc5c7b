// Which models there are, in Ollama's words: /api/version, /api/tags, /api/ps, /api/show.
#include "api/model_shelf.h"
#include "api/ollama_call.h"
#include "api/ollama_model.h"
#include "api/ollama_name.h"
#include "api/ollama_request.h"
#include "api/rfc3339.h"
#include "json/json.h"

#include <algorithm>
#include <filesystem>
#include <limits>

#include <fmt/format.h>

namespace samovar::api {
namespace {

constexpr std::string_view kRunning = "Ollama is running";

bool same_file(const std::string& a, const std::string& b) {
  std::error_code error;
  return std::filesystem::equivalent(a, b, error) && !error;
}

// A name that the server was given for a path: the file's, without its ending.
std::string stem_of(const std::string& path) {
  return std::filesystem::path(path).stem().string();
}

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

bool Api::serves(const ServedModel& served, std::string_view name) const {
  const std::string& path = served.model->file().path();
  const auto is_own = [&](std::string_view asked) {
    const auto same = [&](const std::string& own) { return same_ollama_name(own, asked); };
    return same(options_.model_id) || same(path) || same(stem_of(path)) ||
           std::any_of(options_.aliases.begin(), options_.aliases.end(), same);
  };
  if (is_own(name)) return true;
  const std::string target = shelf_->alias_target(name);
  if (!target.empty() && is_own(target)) return true;
  const std::string stored = shelf_->path_of(name);
  return !stored.empty() && same_file(stored, path);
}

net::Response Api::ollama_version(const net::Request&) const {
  return net::Response::json(200, json::dump({{"version", options_.ollama_version}}));
}

net::Response Api::ollama_tags(const net::Request&) const {
  json::Value models = json::Value::array();
  const auto model = served();
  const std::string path = model != nullptr ? model->model->file().path() : "";
  bool has_served = model == nullptr;
  for (const ModelShelf::Entry& entry : shelf_->list()) {
    const bool is_served = !path.empty() && same_file(entry.path, path);
    has_served = has_served || is_served;
    models.push_back(entry_json(*entry.model, is_served ? options_.model_id : entry.name));
  }
  if (!has_served) {
    const auto described = shelf_->describe(path);
    if (described != nullptr) {
      models.insert(models.begin(), entry_json(*described, options_.model_id));
    }
  }
  for (const auto& [name, target] : shelf_->aliases()) {
    const bool is_served = model != nullptr && serves(*model, target);
    const auto described = shelf_->describe(is_served ? path : shelf_->path_of(target));
    if (described != nullptr) models.push_back(entry_json(*described, name));
  }
  return net::Response::json(200, json::dump({{"models", std::move(models)}}));
}

net::Response Api::ollama_ps(const net::Request&) const {
  json::Value models = json::Value::array();
  const auto model = served();
  const auto described = model != nullptr ? shelf_->describe(model->model->file().path()) : nullptr;
  if (described != nullptr) {
    json::Value entry = entry_json(*described, options_.model_id);
    for (const char* name : {"modified_at", "capabilities"}) entry.erase(name);
    entry["size"] = described->size_bytes + model->ledger->used_bytes();
    entry["size_vram"] = 0;
    entry["context_length"] = model->engine->options().n_ctx;
    // A model named on the command line stays: what Go takes for ever is 292 years.
    entry["expires_at"] = rfc3339(clock_.unix_us() + std::numeric_limits<int64_t>::max() / 1000);
    models.push_back(std::move(entry));
  }
  return net::Response::json(200, json::dump({{"models", std::move(models)}}));
}

void Api::ollama_show(const net::Request& request, const ServedPointer& served,
                      net::Responder responder, int64_t) {
  OllamaCall call{.request = request, .served = served, .responder = std::move(responder)};
  const auto body = read_ollama_call(call);
  if (!body) return;
  Fields fields(*body);
  const bool verbose = fields.boolean("verbose", false);
  if (fields.error()) return call.responder.send(error_response(*fields.error(), request.path));
  const gguf::File& file = served->model->file();
  const auto described = shelf_->describe(file.path());
  if (described == nullptr) {
    return call.responder.send(
        error_response(from_status(not_found(file.path() + " is gone")), request.path));
  }
  json::Value info = model_info_json(file, verbose ? Arrays::kWhole : Arrays::kShort);
  info["general.parameter_count"] = described->facts.n_parameters;
  if (is_copilot(request)) {
    suit_copilot(info, described->facts.architecture, served->engine->options().n_ctx, call.model);
  }
  json::Value out = {{"modelfile", modelfile_text(file.path(), served->format)},
                     {"template", served->format.chat_template->source()},
                     {"details", details_json(*described)},
                     {"model_info", std::move(info)},
                     {"tensors", tensors_json(file)},
                     {"capabilities", described->capabilities},
                     {"modified_at", rfc3339(described->modified_unix_us)}};
  if (!described->facts.license.empty()) out["license"] = described->facts.license;
  if (!served->format.stop.empty()) out["parameters"] = parameters_text(served->format);
  call.responder.send(net::Response::json(200, json::dump(out)));
}

}  // namespace samovar::api
