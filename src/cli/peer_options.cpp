#include "cli/peer_options.h"

#include <array>

namespace samovar::cli {
namespace {

constexpr std::array kValued = {
    "--model-url",
    "--hf-file",
    "--ubatch-size",
    "--gpu-layers",
    "--n-gpu-layers",
    "--flash-attn",
    "--slot-save-path",
    "--sleep-idle-seconds",
    "--cache-ram",
    "--lora",
    "--lora-scaled",
    "--model-draft",
    "--spec-type",
    "--spec-draft-n-max",
    "--spec-draft-n-min",
    "--spec-draft-p-min",
    "--spec-synth-len",
    "--spec-synth-rates",
    "--mmproj",
    "--mmproj-url",
    "--media-path",
    "--models-preset",
    "--tools",
    "--tools-runtime",
    "--mcp-servers-config",
    "--mcp-servers-json",
    "--grp-attn-n",
    "--grp-attn-w",
    "--threads-batch",
    "--threads-http",
    "--timeout",
    "--cache-reuse",
    "--defrag-thold",
    "--numa",
    "--verbosity",
};

constexpr std::array kSwitches = {
    "--offline",   "--cont-batching",       "--no-cont-batching", "--swa-full",
    "--embedding", "--embeddings",          "--reranking",        "--rerank",
    "--no-mmproj", "--no-cache-idle-slots", "--ui-mcp-proxy",     "--mlock",
    "--no-mmap",   "--no-warmup",           "--backend_sampling",
};

constexpr const char* kHelp = "taken as llama-server takes it; without effect";

}  // namespace

void PeerOptions::declare(Flags& flags) {
  for (const char* name : kValued) {
    values_.push_back({name, ""});
    flags.add(name, &values_.back().value, kHelp);
  }
  for (const char* name : kSwitches) {
    switches_.push_back({name, false});
    flags.add(name, &switches_.back().value, kHelp);
  }
}

std::vector<std::string> PeerOptions::given() const {
  std::vector<std::string> names;
  for (const auto& taken : values_) {
    if (!taken.value.empty()) names.push_back(taken.name);
  }
  for (const auto& taken : switches_) {
    if (taken.value) names.push_back(taken.name);
  }
  return names;
}

}  // namespace samovar::cli
