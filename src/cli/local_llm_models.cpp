// local-llm list, pull, rm: the models of the hub's cache, in that program's words.
#include "base/clock.h"
#include "cli/command.h"
#include "cli/local_llm.h"
#include "cli/pull_progress.h"
#include "cli/serve_pull.h"

#include <atomic>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

class LocalLlmList final : public Command {
 public:
  void declare(Flags& /*flags*/) override {}

  Status run(const Environment& environment) override {
    SAMOVAR_ASSIGN(const store::Store models, store::Store::open(store_options(environment)));
    SAMOVAR_ASSIGN(const auto files, models.cache().list());
    SAMOVAR_TRY(say_line(fmt::format("Models installed to {}...", models.cache().dir())));
    for (const store::CachedFile& file : files)
      SAMOVAR_TRY(say_line(fmt::format("\t{} {}", file.repo, file.file)));
    return {};
  }
};

class LocalLlmPull final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add_required("REPO_ID", &model_.repo, "a repository of Hugging Face");
    flags.add("--filename", &model_.filename, "a file of it; its 4-bit medium one if none");
  }

  Status run(const Environment& environment) override {
    const std::string file = model_.file();
    if (file.empty()) {
      SAMOVAR_TRY(say_line("Unable to determine filename to use for " + model_.repo + "."));
      return silent_failure();
    }
    SAMOVAR_ASSIGN(const store::Store models, store::Store::open(store_options(environment)));
    SAMOVAR_TRY(say_line(fmt::format("Pulling {} from {}", file, model_.repo)));
    const std::atomic<bool> never = false;
    // An image is mostly built on another machine than it runs on.
    auto pulled = environment.is_on("SAMOVAR_PULL_FOR_ELSEWHERE")
                      ? pull_with_progress(models, model_.store_name())
                      : pull_to_serve(models, model_.store_name(), never);
    if (!pulled.ok()) return std::move(pulled).status();
    return say_line("Pulled to " + pulled->path);
  }

 private:
  LocalLlmModel model_;
};

class LocalLlmRm final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add_required("REPO_ID", &model_.repo, "a repository of Hugging Face");
    flags.add("--filename", &model_.filename, "a file of it; all of it if none");
  }

  Status run(const Environment& environment) override {
    SAMOVAR_ASSIGN(const store::Store models, store::Store::open(store_options(environment)));
    SAMOVAR_TRY(say_line(fmt::format("Removing {} from {}", model_.filename, model_.repo)));
    auto removed =
        model_.filename.empty() ? models.cache().remove_repo(model_.repo) : remove_file(models);
    if (!removed.ok()) return std::move(removed).status();
    return say_line(removed->empty() ? "Nothing to remove" : "Removed " + *removed);
  }

 private:
  // RETURNS the path of what was removed; empty if there was nothing.
  Result<std::string> remove_file(const store::Store& models) const {
    SAMOVAR_ASSIGN(const auto files, models.cached(model_.store_name()));
    if (files.empty()) return std::string();
    SAMOVAR_TRY(models.remove(model_.store_name()).status());
    return files.front().path;
  }

  LocalLlmModel model_;
};

}  // namespace

std::unique_ptr<Command> make_local_llm_list() {
  return std::make_unique<LocalLlmList>();
}
std::unique_ptr<Command> make_local_llm_pull() {
  return std::make_unique<LocalLlmPull>();
}
std::unique_ptr<Command> make_local_llm_rm() {
  return std::make_unique<LocalLlmRm>();
}

}  // namespace samovar::cli
