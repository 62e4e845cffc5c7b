// samovar debug logits MODEL --tokens FILE --out FILE
// SPDX-License-Identifier: Apache-2.0
#include "model/debug_logits.h"

#include "base/checked.h"
#include "cli/command.h"
#include "cli/isa_choice.h"
#include "cli/session.h"
#include "json/json.h"
#include "kernels/select.h"
#include "sys/file.h"

#include <algorithm>
#include <string>
#include <vector>

namespace samovar::cli {
namespace {

constexpr uint64_t kMaxTokenFileBytes = uint64_t{64} << 20;

struct LogitsOptions {
  std::string model;
  std::string tokens_path;
  std::string out_path;
  std::string kv = "i16";
  int64_t n_ctx = 4096;
  int64_t threads = 0;
};

Result<std::vector<int32_t>> read_tokens(const std::string& path) {
  SAMOVAR_ASSIGN(const std::string text, sys::read_file(path, kMaxTokenFileBytes));
  auto array = json::parse(text);
  if (!array.ok()) return array.status().with_context(path);
  const Status wrong = invalid_argument(path + ": a JSON array of token ids is expected");
  if (!array->is_array()) return wrong;
  std::vector<int32_t> tokens;
  for (const json::Value& id : *array) {
    if (!id.is_number_integer()) return wrong;
    const auto token = checked_cast<int32_t>(id.get<int64_t>());
    if (!token || *token < 0) return wrong;
    tokens.push_back(*token);
  }
  return tokens;
}

class DebugLogits final : public Command {
 public:
  void declare(Flags& flags) override {
    flags.add_required("model", &options_.model, "a model that is on this machine, or a file");
    flags.add_required("--tokens", &options_.tokens_path, "a file with a JSON array of token ids");
    flags.add_required("--out", &options_.out_path, "gets f32 [n_tokens, n_vocab], little-endian");
    flags.add("--ctx", &options_.n_ctx, "tokens that fit; 4096 if not given");
    declare_compute_flags(flags, options_.threads, options_.kv);
  }

  Status run(const Environment& environment) override {
    SAMOVAR_ASSIGN(const kernels::KvType kv, parse_kv_type(options_.kv));
    SAMOVAR_ASSIGN(const int n_threads, resolve_threads(options_.threads));
    SAMOVAR_ASSIGN(const sys::Isa isa, chosen_isa(environment));
    SAMOVAR_ASSIGN(const auto tokens, read_tokens(options_.tokens_path));
    SAMOVAR_ASSIGN(const std::string path, resolve_model(options_.model, environment));
    SAMOVAR_ASSIGN(const gguf::File file, gguf::File::open(path));
    SAMOVAR_ASSIGN(const model::Model model, model::Model::load(file));

    SAMOVAR_ASSIGN(auto out,
                   sys::AtomicFile::open(options_.out_path + ".incomplete", options_.out_path));
    SAMOVAR_TRY(out.truncate(0));
    ThreadPool pool(n_threads);
    SAMOVAR_TRY(model::debug_logits(
        model, kernels::select(isa), pool, tokens, {.n_ctx = options_.n_ctx, .kv_type = kv},
        [&](std::span<const float> logits) { return out.append(std::as_bytes(logits)); }));
    return out.commit();
  }

 private:
  LogitsOptions options_;
};

}  // namespace

std::unique_ptr<Command> make_debug_logits() {
  return std::make_unique<DebugLogits>();
}

}  // namespace samovar::cli
