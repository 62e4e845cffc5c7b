#include "cli/command.h"

#include <array>

namespace samovar::cli {

std::span<const CommandEntry> command_table() {
  static constexpr std::array kCommands = {
      CommandEntry{"run", "ask a model, or chat with it in the terminal", make_run},
      CommandEntry{"serve", "answer over HTTP: web page and OpenAI API", make_serve},
      CommandEntry{"health", "whether a server is ready: for probes", make_health},
      CommandEntry{"ps", "the servers that run on this machine", make_ps},
      CommandEntry{"kill", "end a server", make_kill},
      CommandEntry{"bench", "the speed of a model on this machine", make_bench},
      CommandEntry{"perplexity", "how well a model predicts a text", make_perplexity},
      CommandEntry{"pull", "fetch a model", make_pull},
      CommandEntry{"list", "the models on this machine", make_list},
      CommandEntry{"show", "what a model file holds", make_show},
      CommandEntry{"rm", "remove a model", make_rm},
      CommandEntry{"host setup", "make this machine ready for models and Kubernetes",
                   make_host_setup},
      CommandEntry{"host status", "what `host setup` has changed", make_host_status},
      CommandEntry{"host undo", "take back what `host setup` has changed", make_host_undo},
      CommandEntry{"host zram", "swap in compressed memory: on or off", make_host_zram},
      CommandEntry{"cluster up", "a model on a single-node Kubernetes, watched", make_cluster_up},
      CommandEntry{"cluster status", "what stands of it, and where it answers",
                   make_cluster_status},
      CommandEntry{"cluster down", "remove all of it", make_cluster_down},
      CommandEntry{"cluster image", "this program as a container image in a tar file",
                   make_cluster_image},
      CommandEntry{"debug tokenize", "texts on stdin to token ids, as JSON lines",
                   make_debug_tokenize},
      CommandEntry{"debug render", "chats on stdin to prompts, as JSON lines", make_debug_render},
      CommandEntry{"debug logits", "the logits of every position of a token list",
                   make_debug_logits},
      CommandEntry{"version", "version, build and instruction set", make_version},
  };
  return kCommands;
}

}  // namespace samovar::cli
