// samovar version
// SPDX-License-Identifier: Apache-2.0
#include "cli/build_info.h"
#include "cli/command.h"
#include "cli/isa_choice.h"
#include "cli/output.h"
#include "json/json.h"

#include <string>
#include <vector>

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace samovar::cli {
namespace {

struct VersionOptions {
  bool json = false;
};

std::vector<std::string> built_levels() {
  std::vector<std::string> names;
  for (int level = 0; level <= static_cast<int>(sys::Isa::kVnni); ++level) {
    names.emplace_back(sys::isa_name(static_cast<sys::Isa>(level)));
  }
  return names;
}

class Version final : public Command {
 public:
  void declare(Flags& flags) override { flags.add("--json", &options_.json, "one JSON object"); }

  Status run(const Environment& environment) override {
    SAMOVAR_ASSIGN(const sys::Isa isa, chosen_isa(environment));
    const auto levels = built_levels();
    if (options_.json) {
      const json::Value answer = {{"version", kVersion},
                                  {"commit", kCommit},
                                  {"compiler", kCompiler},
                                  {"isa", sys::isa_name(isa)},
                                  {"isa_levels", levels},
                                  {"cpu", sys::cpu_model_name()},
                                  {"threads", sys::default_threads()}};
      return write_stdout(json::dump(answer) + "\n");
    }
    return write_stdout(fmt::format("samovar {} (commit {}, {})\ninstruction set: {} (of {})\n",
                                    kVersion, kCommit, kCompiler, sys::isa_name(isa),
                                    fmt::join(levels, ", ")));
  }

 private:
  VersionOptions options_;
};

}  // namespace

std::unique_ptr<Command> make_version() {
  return std::make_unique<Version>();
}

}  // namespace samovar::cli
