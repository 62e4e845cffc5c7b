// samovar show MODEL
// SPDX-License-Identifier: Apache-2.0
#include "api/sampling_keys.h"
#include "cli/command.h"
#include "cli/output.h"
#include "gguf/file.h"
#include "json/json.h"
#include "model/model_facts.h"
#include "store/store.h"

#include <string>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

struct ShowOptions {
  std::string model;
  bool json = false;
  bool template_text = false;
};

std::string to_json(const model::ModelFacts& facts, const api::SamplingKeys& sampling) {
  json::Value value = {{"path", facts.path},
                       {"architecture", facts.architecture},
                       {"name", facts.name},
                       {"parameters", facts.n_parameters},
                       {"size_bytes", facts.size_bytes},
                       {"quantization", facts.quantization},
                       {"context_length", facts.n_ctx},
                       {"layers", facts.n_layer},
                       {"vocabulary", facts.n_vocab},
                       {"chat_template", facts.has_template},
                       {"sampling", sampling.to_json()},
                       {"license", facts.license},
                       {"gguf_version", facts.gguf_version}};
  return json::dump(value) + "\n";
}

// "temp 0.6, top_k 20".
std::string to_words(const json::Value& sampling) {
  std::string text;
  for (const auto& [key, value] : sampling.items()) {
    const std::string words =
        value.is_number() ? fmt::format("{}", value.get<float>()) : json::dump(value);
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", key, words);
  }
  return text;
}

std::string to_text(const model::ModelFacts& facts, const api::SamplingKeys& sampling) {
  std::string text;
  const auto line = [&](const char* label, const std::string& value) {
    text += fmt::format("{:<14} {}\n", label, value);
  };
  line("file", facts.path);
  line("name", facts.name.empty() ? "not said" : facts.name);
  line("architecture", facts.architecture);
  line("parameters", human_count(facts.n_parameters));
  line("size", human_bytes(facts.size_bytes));
  line("quantization", facts.quantization);
  line("context", fmt::format("{} tokens in training", facts.n_ctx));
  line("layers", std::to_string(facts.n_layer));
  line("vocabulary", fmt::format("{} tokens", facts.n_vocab));
  line("chat template", facts.has_template ? "yes" : "no");
  if (!sampling.empty()) line("sampling", to_words(sampling.to_json()));
  line("licence", facts.license.empty() ? "not said" : facts.license);
  return text;
}

std::string terms(const store::CatalogEntry& entry) {
  if (entry.license_url.empty()) return entry.license;
  return fmt::format("{} ({})", entry.license, entry.license_url);
}

class Show final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add_required("model", &options_.model, "a model that is on this machine, or a file");
    flags.add("--template", &options_.template_text, "the chat template's text, and nothing else");
    flags.add("--json", &options_.json, "one JSON object");
  }

  Status run(const Environment& environment) override {
    SAMOVAR_ASSIGN(const store::Store models, store::Store::open(store_options(environment)));
    SAMOVAR_ASSIGN(const std::string path, models.resolve(options_.model));
    SAMOVAR_ASSIGN(const gguf::File file, gguf::File::open(path));
    if (options_.template_text) {
      SAMOVAR_ASSIGN(const std::string_view text, model::chat_template_text(file));
      return write_stdout(text);
    }
    SAMOVAR_ASSIGN(model::ModelFacts facts, model::model_facts(file));
    SAMOVAR_ASSIGN(const api::SamplingKeys sampling, api::SamplingKeys::from_gguf(file));
    if (const auto* const entry = models.catalog().find(options_.model)) {
      facts.license = terms(*entry);
    }
    return write_stdout(options_.json ? to_json(facts, sampling) : to_text(facts, sampling));
  }

 private:
  ShowOptions options_;
};

}  // namespace

std::unique_ptr<Command> make_show() {
  return std::make_unique<Show>();
}

}  // namespace samovar::cli
