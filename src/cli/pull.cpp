// samovar pull MODEL
// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/output.h"
#include "cli/pull_progress.h"
#include "json/json.h"
#include "store/shown_url.h"
#include "store/store.h"

#include <cstdio>
#include <string>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

struct PullOptions {
  std::string model{store::kDefaultModel};
  bool json = false;
  bool offline = false;
};

// What one agrees to by pulling.
void say_terms(const store::Store& models, const std::string& name) {
  const store::CatalogEntry* const entry = models.catalog().find(name);
  if (entry == nullptr || entry->license_url.empty()) return;
  tell("{}: by using it you agree to the {} ({})\n", entry->name, entry->license,
       entry->license_url);
}

std::string report(const PullOptions& options, const store::PulledModel& model) {
  if (options.json) {
    const json::Value answer = {{"name", store::shown_name(options.model)},
                                {"path", model.path},
                                {"source", model.source},
                                {"size_bytes", model.size_bytes},
                                {"sha256", model.sha256}};
    return json::dump(answer) + "\n";
  }
  const std::string name = store::shown_name(options.model);
  if (model.source.empty()) return fmt::format("{} is here: {}\n", name, model.path);
  return fmt::format("{} from {}: {}{}\n{}\n", name, model.source, human_bytes(model.size_bytes),
                     model.sha256.empty() ? "" : ", sha256:" + model.sha256, model.path);
}

class Pull final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add("model", &options_.model, "the model; smollm2:135m if none is named");
    flags.add("--offline", &options_.offline, "take what is on this machine, and nothing else");
    flags.add("--json", &options_.json, "the result as one JSON object");
  }

  Status run(const Environment& environment) override {
    store::StoreOptions store_options = cli::store_options(environment);
    store_options.offline = store_options.offline || options_.offline;
    SAMOVAR_ASSIGN(const store::Store models, store::Store::open(std::move(store_options)));
    if (!models.resolve(options_.model).ok()) say_terms(models, options_.model);
    SAMOVAR_ASSIGN(const store::PulledModel model, pull_with_progress(models, options_.model));
    return write_stdout(report(options_, model));
  }

 private:
  PullOptions options_;
};

}  // namespace

std::unique_ptr<Command> make_pull() {
  return std::make_unique<Pull>();
}

}  // namespace samovar::cli
