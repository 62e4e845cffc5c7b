#include "cli/peer_flags.h"

#include <array>
#include <string_view>

namespace samovar::cli {
namespace {

struct PeerFlag {
  std::string_view spelling;
  std::string_view flag;
};

// One dash and several letters: forms that the command-line library can't hold.
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

std::vector<std::string> arguments_of(const std::string& program,
                                      std::vector<std::string> arguments) {
  if (!arguments.empty() && arguments.front() == "--version") return {"version"};
  if (!arguments.empty() && arguments.front() == "help") {
    arguments.erase(arguments.begin());
    arguments.emplace_back("--help");
  }
  if (program.substr(program.find_last_of('/') + 1) == "llama-server") {
    arguments.insert(arguments.begin(), {"serve", "--as-llama-server"});
  }
  if (program.substr(program.find_last_of('/') + 1) == "ollama" && !arguments.empty() &&
      arguments.front() == "serve") {
    arguments.insert(arguments.begin() + 1, "--as-ollama");
  }
  return arguments;
}

}  // namespace samovar::cli
