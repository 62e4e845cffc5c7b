// samovar rm MODEL...
// SPDX-License-Identifier: Apache-2.0
#include "cli/command.h"
#include "cli/output.h"
#include "json/json.h"
#include "store/shown_url.h"
#include "store/store.h"

#include <string>
#include <vector>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

struct RmOptions {
  std::vector<std::string> models;
  bool json = false;
};

class Rm final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add_required("model", &options_.models, "the models to remove");
    flags.add("--json", &options_.json, "the result as one JSON object a line");
  }

  Status run(const Environment& environment) override {
    SAMOVAR_ASSIGN(const store::Store models, store::Store::open(store_options(environment)));
    for (const std::string& name : options_.models) {
      SAMOVAR_ASSIGN(const uint64_t freed_bytes, models.remove(name));
      const std::string shown = store::shown_name(name);
      const json::Value answer = {{"name", shown}, {"freed_bytes", freed_bytes}};
      SAMOVAR_TRY(write_stdout(options_.json ? json::dump(answer) + "\n"
                                             : fmt::format("removed {}: {} are free again\n", shown,
                                                           human_bytes(freed_bytes))));
    }
    return {};
  }

 private:
  RmOptions options_;
};

}  // namespace

std::unique_ptr<Command> make_rm() {
  return std::make_unique<Rm>();
}

}  // namespace samovar::cli
