// samovar debug tokenize MODEL
// SPDX-License-Identifier: Apache-2.0
#include "tokenizer/debug_tokenize.h"

#include "cli/command.h"
#include "cli/json_lines.h"
#include "cli/session.h"
#include "gguf/file.h"

#include <string>

namespace samovar::cli {
namespace {

class DebugTokenize final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add_required("model", &model_, "a model, or a file with a vocabulary only");
  }

  Status run(const Environment& environment) override {
    SAMOVAR_ASSIGN(const std::string path, resolve_model(model_, environment));
    SAMOVAR_ASSIGN(const gguf::File file, gguf::File::open(path, gguf::Scope::kMetadata));
    SAMOVAR_ASSIGN(const auto tokenizer, tokenizer::Tokenizer::from_gguf(file));
    return answer_lines(
        [&](std::string_view line) { return tokenizer::tokenize_line(tokenizer, line); });
  }

 private:
  std::string model_;
};

}  // namespace

std::unique_ptr<Command> make_debug_tokenize() {
  return std::make_unique<DebugTokenize>();
}

}  // namespace samovar::cli
