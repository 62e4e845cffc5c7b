// samovar debug render [MODEL] [--template-file FILE]
// SPDX-License-Identifier: Apache-2.0
#include "chat/debug_render.h"

#include "cli/command.h"
#include "cli/json_lines.h"
#include "cli/session.h"
#include "gguf/file.h"
#include "model/model_facts.h"
#include "sys/file.h"

#include <string>

namespace samovar::cli {
namespace {

constexpr uint64_t kMaxTemplateBytes = uint64_t{1} << 20;

struct RenderOptions {
  std::string model;
  std::string template_path;
};

Result<std::string> template_of_model(const std::string& name, const Environment& environment) {
  SAMOVAR_ASSIGN(const std::string path, resolve_model(name, environment));
  SAMOVAR_ASSIGN(const gguf::File file, gguf::File::open(path, gguf::Scope::kMetadata));
  SAMOVAR_ASSIGN(const std::string_view text, model::chat_template_text(file));
  return std::string(text);
}

class DebugRender final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add("model", &options_.model, "a model whose own template is taken");
    flags.add("--template-file", &options_.template_path,
              "the template's text, instead of a model");
  }

  Status run(const Environment& environment) override {
    SAMOVAR_ASSIGN(const std::string text, template_text(environment));
    SAMOVAR_ASSIGN(const chat::Template chat_template, chat::Template::parse(text));
    return answer_lines(
        [&](std::string_view line) { return chat::render_line(chat_template, line); });
  }

 private:
  Result<std::string> template_text(const Environment& environment) const {
    if (options_.model.empty() == options_.template_path.empty()) {
      return invalid_argument("either a model or --template-file is expected");
    }
    if (!options_.model.empty()) return template_of_model(options_.model, environment);
    return sys::read_file(options_.template_path, kMaxTemplateBytes);
  }

  RenderOptions options_;
};

}  // namespace

std::unique_ptr<Command> make_debug_render() {
  return std::make_unique<DebugRender>();
}

}  // namespace samovar::cli
