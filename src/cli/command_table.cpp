#include "cli/command.h"

#include <array>

namespace samovar::cli {

std::span<const CommandEntry> command_table() {
  static constexpr std::array kCommands = {
      CommandEntry{"run", "ask a model, or chat with it in the terminal", make_run},
      CommandEntry{"serve", "answer over HTTP: web page and OpenAI API", make_serve},
      CommandEntry{"health", "whether a server is ready: for probes", make_health},
      CommandEntry{"gateway", "a local OpenAI API in front of a DataSphere node", make_gateway},
      CommandEntry{"ps", "the servers that run on this machine", make_ps},
      CommandEntry{"kill", "end a server", make_kill},
      CommandEntry{"bench", "the speed of a model on this machine", make_bench},
      CommandEntry{"perplexity", "how well a model predicts a text", make_perplexity},
      CommandEntry{"pull", "fetch a model", make_pull},
      CommandEntry{"list", "the models on this machine", make_list},
      CommandEntry{"show", "what a model file holds", make_show},
      CommandEntry{"rm", "remove a model", make_rm},
      CommandEntry{"du", "what the models take of the disk", make_du},
      CommandEntry{"gc", "remove what unfinished pulls left", make_gc},
      CommandEntry{"verify", "are the models what they were when they came?", make_verify},
      CommandEntry{"export", "models as one file, for machines without a network", make_export},
      CommandEntry{"import", "take models out of such a file", make_import},
      CommandEntry{"local-llm list", "the models in the hub's cache", make_local_llm_list},
      CommandEntry{"local-llm pull", "fetch a model from Hugging Face", make_local_llm_pull},
      CommandEntry{"local-llm run", "serve a model in the background; fetch it if it is not here",
                   make_local_llm_run},
      CommandEntry{"local-llm ps", "the models that are served", make_local_llm_ps},
      CommandEntry{"local-llm kill", "end the servers of a model", make_local_llm_kill},
      CommandEntry{"local-llm rm", "remove a model, or a whole repository", make_local_llm_rm},
      CommandEntry{"host setup", "make this machine ready for models and Kubernetes",
                   make_host_setup},
      CommandEntry{"host status", "what `host setup` has changed", make_host_status},
      CommandEntry{"host undo", "take back what `host setup` has changed", make_host_undo},
      CommandEntry{"host zram", "swap in compressed memory: on or off", make_host_zram},
      CommandEntry{"datasphere init", "make service account, roles, key and registry",
                   make_datasphere_init},
      CommandEntry{"datasphere check", "are key, folder, roles and node right?",
                   make_datasphere_check},
      CommandEntry{"datasphere registry login", "log docker in to the registry",
                   make_datasphere_registry_login},
      CommandEntry{"datasphere push", "send an image to the registry", make_datasphere_push},
      CommandEntry{"datasphere node create", "make a node of an image",
                   make_datasphere_node_create},
      CommandEntry{"datasphere node list", "the nodes, and whether they answer",
                   make_datasphere_node_list},
      CommandEntry{"datasphere node delete", "delete a node", make_datasphere_node_delete},
      CommandEntry{"datasphere alias create", "make an alias for a node",
                   make_datasphere_alias_create},
      CommandEntry{"datasphere alias update", "switch an alias to another node",
                   make_datasphere_alias_update},
      CommandEntry{"datasphere invoke", "ask a node or an alias", make_datasphere_invoke},
      CommandEntry{"datasphere deploy",
                   "put a new node behind the alias, and take the old one away",
                   make_datasphere_deploy},
      CommandEntry{"datasphere undeploy", "take alias and nodes away", make_datasphere_undeploy},
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
