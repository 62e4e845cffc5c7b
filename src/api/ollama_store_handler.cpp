// What Ollama's clients do with the store: /api/pull, /api/delete, /api/copy.
#include "api/body.h"
#include "api/delivery.h"
#include "api/model_pulls.h"
#include "api/model_shelf.h"
#include "api/ollama_call.h"
#include "api/ollama_name.h"
#include "api/ollama_request.h"
#include "json/json.h"
#include "store/catalog.h"

#include <fmt/format.h>

namespace samovar::api {
namespace {

// One pull as one client sees it. Thread: the pull's.
class PullAnswer {
 public:
  PullAnswer(net::Responder responder, std::string path, std::string digest)
      : responder_(std::move(responder)), path_(std::move(path)), digest_(std::move(digest)) {}

  void begin_stream() {
    streams_ = true;
    responder_.begin_stream(200, stream_headers(Delivery::kJsonLines));
    say({{"status", "pulling manifest"}});
  }
  bool progress(const store::Progress& progress) {
    if (progress.phase == store::Phase::kDownload && progress.bytes_total > 0) {
      json::Value line = {{"total", progress.bytes_total}};
      line["status"] =
          "pulling " + (digest_.empty() ? progress.note : digest_.substr(0, kShownDigits));
      if (!digest_.empty()) line["digest"] = "sha256:" + digest_;
      if (progress.bytes_done > 0) line["completed"] = progress.bytes_done;
      say(line);
    } else if (progress.phase == store::Phase::kVerify) {
      say({{"status", "verifying sha256 digest"}});
    }
    return !responder_.closed();
  }
  void end(const Status& status) {
    if (!status.ok()) {
      const ApiError error = from_status(status);
      if (!streams_) return responder_.send(error_response(error, path_));
      responder_.write(frame(Delivery::kJsonLines, error_body(error, path_)));
      return responder_.end();
    }
    if (!streams_) {
      return responder_.send(net::Response::json(200, json::dump({{"status", "success"}})));
    }
    for (const char* done : {"verifying sha256 digest", "writing manifest", "success"}) {
      say({{"status", done}});
    }
    responder_.end();
  }

 private:
  static constexpr size_t kShownDigits = 12;
  void say(const json::Value& line) {
    if (streams_) responder_.write(frame(Delivery::kJsonLines, json::dump(line)));
  }
  net::Responder responder_;
  std::string path_;
  std::string digest_;  // known before for models of the catalog; else empty
  bool streams_ = false;
};

std::string digest_in_catalog(const store::Store& models, const std::string& name) {
  const store::CatalogEntry* const entry = models.catalog().find(name);
  return entry != nullptr && entry->sha256 ? entry->sha256->hex() : std::string();
}

ApiError no_store() {
  return not_supported("this server has no store of models");
}

ApiError invalid_name(std::string_view name) {
  return bad_field("model", "invalid_value", fmt::format("invalid model name \"{}\"", name));
}

}  // namespace

void Api::ollama_pull(const net::Request& request, net::Responder responder) {
  const auto refuse = [&](const ApiError& error) {
    responder.send(error_response(error, request.path));
  };
  if (options_.models == nullptr) return refuse(no_store());
  ApiError error;
  const auto body = parse_body(request, error);
  if (!body) return refuse(error);
  Fields fields(*body);
  const std::string asked = read_ollama_model(fields);
  const bool stream = fields.boolean("stream", true);
  if (fields.error()) return refuse(*fields.error());
  const std::string name = store_name(asked);
  // Clients choose among models, not among the addresses and files that this machine can reach.
  if (!ModelShelf::is_model_name(name)) return refuse(invalid_name(asked));
  const auto answer = std::make_shared<PullAnswer>(responder, request.path,
                                                   digest_in_catalog(*options_.models, name));
  if (stream) answer->begin_stream();
  const Status joined = pulls_->join(
      name, {.on_progress = [answer](const auto& progress) { return answer->progress(progress); },
             .on_end = [answer](const auto& result) { answer->end(result.status()); }});
  if (!joined.ok()) answer->end(joined);
}

net::Response Api::ollama_delete(const net::Request& request) const {
  const auto refuse = [&](const ApiError& error) { return error_response(error, request.path); };
  if (options_.models == nullptr) return refuse(no_store());
  ApiError error;
  const auto body = parse_body(request, error);
  if (!body) return refuse(error);
  Fields fields(*body);
  const std::string name = read_ollama_model(fields);
  if (fields.error()) return refuse(*fields.error());
  const auto alias = shelf_->remove_alias(name);
  if (!alias.ok()) return refuse(from_status(alias.status()));
  if (*alias) return net::Response::text(200, "");
  const auto source = names_->find(name);
  if (source && source->named) {
    return refuse(
        {.http = 409, .message = fmt::format("model '{}' is being served and stays", name)});
  }
  if (!shelf_->find(name)) return refuse(no_such_model(name, request.path));
  if (source) registry_->unload(source->id);  // answers that run keep the file's bytes
  const auto freed = options_.models->remove(store_name(name));
  if (!freed.ok()) return refuse(from_status(freed.status()));
  return net::Response::text(200, "");
}

net::Response Api::ollama_copy(const net::Request& request) const {
  const auto refuse = [&](const ApiError& error) { return error_response(error, request.path); };
  if (options_.models == nullptr) return refuse(no_store());
  ApiError error;
  const auto body = parse_body(request, error);
  if (!body) return refuse(error);
  Fields fields(*body);
  const std::string source = fields.string("source", "");
  const std::string destination = fields.string("destination", "");
  if (fields.error()) return refuse(*fields.error());
  const auto served = names_->find(source);
  const bool is_served = served && served->named;
  if (!is_served && !ModelShelf::is_model_name(store_name(source))) {
    return refuse(invalid_name(source));
  }
  if (!ModelShelf::is_model_name(store_name(destination))) return refuse(invalid_name(destination));
  if (!is_served && !shelf_->find(source)) {
    return refuse({.http = 404,
                   .type = "not_found_error",
                   .message = fmt::format("model \"{}\" not found", source)});
  }
  const bool is_alias = !shelf_->alias_target(destination).empty();  // it may get another target
  if (!is_alias && (names_->find(destination) || shelf_->find(destination))) {
    return refuse(
        {.http = 409, .message = fmt::format("there is a model \"{}\" already", destination)});
  }
  const Status set = shelf_->set_alias(destination, is_served ? served->id : source);
  if (!set.ok()) return refuse(from_status(set));
  return net::Response::text(200, "");
}

}  // namespace samovar::api
