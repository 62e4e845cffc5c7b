#include "cli/serve_models.h"

#include "api/keep_alive.h"
#include "base/clock.h"
#include "cli/output.h"
#include "cli/serve_pull.h"
#include "store/catalog.h"
#include "store/shown_url.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <sys/stat.h>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

// What clients call a model: the name as given; of a path or an address, the file's.
std::string id_of(const std::string& name) {
  const std::string shown = store::shown_name(name);
  return shown.substr(shown.find_last_of('/') + 1);
}

const char* reason_text(api::UnloadReason reason) {
  switch (reason) {
    case api::UnloadReason::kIdle:
      return "nobody used it";
    case api::UnloadReason::kRoom:
      return "to make room";
    case api::UnloadReason::kDamaged:
      return "its file was cut short";
    case api::UnloadReason::kAsked:
      break;
  }
  return "as asked";
}

bool is_folder(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

}  // namespace

Result<uint64_t> parse_bytes(const std::string& text, std::string_view flag) {
  constexpr std::array<std::string_view, 4> kUnits = {"K", "M", "G", "T"};
  const auto refuse = [&] {
    return invalid_argument(
        fmt::format("{}: expected bytes, as 512M or 2GiB, found `{}`", flag, text));
  };
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || !(number >= 0)) return refuse();
  std::string_view unit(end, static_cast<size_t>(text.data() + text.size() - end));
  for (const std::string_view rest : {"iB", "B"}) {
    if (unit.ends_with(rest)) {
      unit.remove_suffix(rest.size());
      break;
    }
  }
  for (size_t i = 0; i < kUnits.size() && !unit.empty(); ++i) {
    number *= 1024;
    if (unit == kUnits[i]) unit = {};
  }
  if (!unit.empty() || number > 1e18) return refuse();
  return static_cast<uint64_t>(number);
}

void ServeModels::declare(Flags& flags) {
  flags.add(
      "model", &arguments_,
      "names that `samovar list` shows, or paths; if none, all models of the store on demand");
  flags.add("-m,--model", &model_, "one more, as llama-server spells it");
  flags.also_from("LLAMA_ARG_MODEL");
  flags.add("--hf-repo", &hf_repo_, "one more: a repository's name, user/name[:QUANT]");
  flags.also_from("LLAMA_ARG_HF_REPO");
  flags.add("--pull", &pulls_,
            "fetch the models named here that are not on this machine; meanwhile requests get 503");
  flags.add("--models-dir", &folder_, "serve the .gguf files in this folder, too");
  flags.also_from("LLAMA_ARG_MODELS_DIR");
  flags.add("--models-max", &max_loaded_, "models in memory at a time; 0: as many as fit");
  flags.also_from("LLAMA_ARG_MODELS_MAX");
  flags.also_from("OLLAMA_MAX_LOADED_MODELS");
  flags.add("--memory", &memory_, "that all models together may take, as 2G; 0: what is free");
  flags.add("--keep-alive", &keep_alive_,
            "how long a model that was not named here stays unused: 5m, 0, -1 for ever");
  flags.also_from("OLLAMA_KEEP_ALIVE");
  flags.add("--allow-unload", &allow_unload_, "clients may unload models that are named here");
  flags.add("--models-autoload", &autoload_, "requests load their models (they do)");
  flags.also_from("LLAMA_ARG_MODELS_AUTOLOAD");
  flags.add("--no-models-autoload", &no_autoload_, "only POST /models/load loads models");
}

Status ServeModels::settle(api::ApiOptions& options, ModelOptions model,
                           const std::vector<std::string>& aliases,
                           const Environment& environment) {
  environment_ = &environment;
  store_ = options.models;
  options_ = std::move(model);
  if (max_loaded_ < 0) {
    return invalid_argument(
        fmt::format("--models-max: expected 0 (what fits) or more, found {}", max_loaded_));
  }
  SAMOVAR_ASSIGN(options_.memory_bytes, parse_bytes(memory_));
  options_.http_bytes = plan::http_budget_bytes(machine_facts(options_.memory_bytes).usable_bytes);
  SAMOVAR_ASSIGN(int n_threads, resolve_threads(options_.threads));
  // As many as there can be: how many of them take part may change with the quota.
  if (follows_cpu()) n_threads = std::min(sys::physical_cores(), ThreadPool::kMaxThreads);
  SAMOVAR_TRY(parse_kv_type(options_.kv).status());
  options_.pool = std::make_shared<ComputePool>(n_threads);
  const auto keep_alive_us = api::parse_keep_alive(keep_alive_);
  if (!keep_alive_us) {
    return invalid_argument(
        fmt::format("--keep-alive: expected a duration as 5m or 300, found `{}`", keep_alive_));
  }
  if (!folder_.empty() && !is_folder(folder_)) {
    return not_found(fmt::format("--models-dir {}: is no folder", folder_));
  }
  SAMOVAR_TRY(name_models(*options.models, aliases));

  if (named_.size() == 1) options.model_id = named_.front().id;
  options.names = {.named = named_,
                   .aliases = {},
                   .folder = folder_,
                   .store = named_.empty() && folder_.empty()};
  options.autoload = autoload_ && !no_autoload_;
  options.n_ctx = options_.n_ctx;
  options.chat_format = options_.chat_format;
  options.registry.load = [this](const api::ModelSource& source) { return load(source); };
  options.registry.process_bytes = plan::kRuntimeBytes + options_.http_bytes;
  options.registry.max_loaded = max_loaded_;
  options.registry.keep_alive_us = *keep_alive_us;
  options.registry.may_unload_named = allow_unload_;
  options.registry.on_unload = [](const api::ModelSource& source, api::UnloadReason reason) {
    tell("{}: unloaded, {}\n", source.id, reason_text(reason));
  };
  return {};
}

Status ServeModels::name_models(const store::Store& models,
                                const std::vector<std::string>& aliases) {
  std::vector<std::string> names = arguments_;
  for (const std::string& name : {model_, hf_repo_}) {
    if (!name.empty()) names.push_back(name);
  }
  if (!aliases.empty() && names.size() != 1) {
    return invalid_argument(
        fmt::format("--alias: names one model, and {} are given", names.size()));
  }
  for (const std::string& name : names) {
    auto path = models.resolve(name);
    const bool is_absent = path.status().code() == Code::kNotFound && pulls_;
    if (!path.ok() && !is_absent) return std::move(path).status();
    std::string id =
        aliases.empty() ? id_of(name) : *std::min_element(aliases.begin(), aliases.end());
    const bool is_taken = std::any_of(named_.begin(), named_.end(),
                                      [&](const auto& source) { return source.id == id; });
    if (is_taken) {
      return invalid_argument(fmt::format("two models would have the name `{}`", id));
    }
    if (is_absent) absent_[id] = name;
    named_.push_back({.id = std::move(id), .path = std::move(path).value_or(""), .named = true});
  }
  return {};
}

Result<api::ModelStarter> ServeModels::load(const api::ModelSource& source) const {
  const int64_t begin_us = system_clock().monotonic_us();
  ModelOptions options = options_;
  options.model = options.id = source.id;
  SAMOVAR_ASSIGN(const std::string path, path_of(source));
  SAMOVAR_ASSIGN(OpenedModel opened, OpenedModel::open(std::move(options), path, *environment_));
  const auto shared = std::make_shared<const OpenedModel>(std::move(opened));
  return api::ModelStarter([=](uint64_t reserved_bytes) -> Result<api::StartedModel> {
    SAMOVAR_ASSIGN(const Session session, shared->start(reserved_bytes));
    const int64_t load_us = system_clock().monotonic_us() - begin_us;
    if (!session.served->format.note.empty()) tell("{}\n", session.served->format.note);
    tell("{}: loaded in {:.0f} ms, {} threads, {} kernels\n{}\n", source.id,
         static_cast<double>(load_us) / 1e3, session.n_threads, sys::isa_name(session.isa),
         session.plan.summary());
    return api::StartedModel{session.served, session.plan.model_bytes()};
  });
}

// Of a model that was pulled after the start: where it lies now.
Result<std::string> ServeModels::path_of(const api::ModelSource& source) const {
  if (!source.path.empty()) return source.path;
  return store_->resolve(absent_.at(source.id));
}

Status ServeModels::pull_named(const std::atomic<bool>& told_to_end) const {
  for (const auto& [id, name] : absent_) {
    SAMOVAR_TRY(pull_to_serve(*store_, name, told_to_end).status());
  }
  return {};
}

Status ServeModels::load_named(api::Api& api, const std::atomic<bool>& told_to_end) const {
  const Status pulled = pull_named(told_to_end);
  if (told_to_end) return {};
  SAMOVAR_TRY(pulled);
  for (const api::ModelSource& source : named_) {
    const Status loaded = api.registry().load(source);
    if (loaded.code() == Code::kBusy) {
      tell("{}; it will be loaded when it is asked for\n", loaded.message());
    } else {
      SAMOVAR_TRY(loaded);
    }
  }
  if (named_.empty()) tell_where_models_are();
  return {};
}

void ServeModels::tell_where_models_are() const {
  tell("models are loaded when they are asked for, from {}\n",
       folder_.empty() ? "the store" : folder_);
  const auto stored = store_->cache().list();
  if (folder_.empty() && stored.ok() && stored->empty()) {
    tell("there is none yet: samovar pull {}\n", store::kDefaultModel);
  }
}

std::string ServeModels::summary() const {
  if (named_.empty()) return folder_.empty() ? "store" : folder_;
  std::string names;
  for (const api::ModelSource& source : named_) {
    fmt::format_to(std::back_inserter(names), "{}{}", names.empty() ? "" : ", ", source.id);
  }
  return names;
}

}  // namespace samovar::cli
