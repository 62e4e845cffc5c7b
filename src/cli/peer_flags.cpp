#include "cli/peer_flags.h"

#include "cli/command.h"

#include <algorithm>
#include <array>
#include <string_view>

namespace samovar::cli {
namespace {

struct PeerFlag {
  std::string_view spelling;
  std::string_view flag;
};

// One dash and several letters: forms that the command-line library can't hold.
constexpr std::string_view kLocalLlm = "local-llm";

std::string_view base_name(std::string_view path) {
  return path.substr(path.find_last_of('/') + 1);
}

// Is `word` a command that local-llm does not have?
bool is_only_ours(std::string_view word) {
  bool ours = false, theirs = false;
  for (const CommandEntry& entry : command_table()) {
    const size_t space = std::min(entry.name.find(' '), entry.name.size());
    const std::string_view first = entry.name.substr(0, space);
    ours = ours || first == word;
    theirs = theirs || (first == kLocalLlm && entry.name.substr(space + 1) == word);
  }
  return ours && !theirs;
}

constexpr std::array kPeerFlags = {
    PeerFlag{"-cb", "--cont-batching"}, PeerFlag{"-ctk", "--cache-type-k"},
    PeerFlag{"-ctv", "--cache-type-v"}, PeerFlag{"-lv", "--verbosity"},
    PeerFlag{"-md", "--model-draft"},   PeerFlag{"-fa", "--flash-attn"},
    PeerFlag{"-hf", "--hf-repo"},       PeerFlag{"-hff", "--hf-file"},
    PeerFlag{"-mu", "--model-url"},     PeerFlag{"-ngl", "--gpu-layers"},
    PeerFlag{"-np", "--parallel"},      PeerFlag{"-tb", "--threads-batch"},
    PeerFlag{"-to", "--timeout"},       PeerFlag{"-ub", "--ubatch-size"},
};

}  // namespace

void rewrite_peer_flags(std::vector<std::string>& arguments) {
  for (std::string& argument : arguments) {
    if (argument == "--") return;
    const size_t equals = argument.find('=');
    const std::string_view name = std::string_view(argument).substr(0, equals);
    for (const PeerFlag& peer : kPeerFlags) {
      if (peer.spelling != name) continue;
      argument = std::string(peer.flag) +
                 (equals == std::string::npos ? std::string() : argument.substr(equals));
      break;
    }
  }
}

bool is_local_llm(const std::string& program) {
  return base_name(program) == kLocalLlm || base_name(program) == "llm";
}

std::vector<std::string> arguments_of(const std::string& program,
                                      std::vector<std::string> arguments) {
  if (!arguments.empty() && arguments.front() == "--version") return {"version"};
  if (!arguments.empty() && arguments.front() == "help") {
    arguments.erase(arguments.begin());
    arguments.emplace_back("--help");
  }
  if (base_name(program) == "llama-server") {
    arguments.insert(arguments.begin(), {"serve", "--as-llama-server"});
  }
  if (base_name(program) == "ollama" && !arguments.empty() && arguments.front() == "serve") {
    arguments.insert(arguments.begin() + 1, "--as-ollama");
  }
  if (is_local_llm(program) && (arguments.empty() || !is_only_ours(arguments.front()))) {
    arguments.insert(arguments.begin(), std::string(kLocalLlm));
  }
  return arguments;
}

}  // namespace samovar::cli
