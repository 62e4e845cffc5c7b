#include "cli/command.h"

#include <array>

namespace samovar::cli {

std::span<const CommandEntry> command_table() {
  static constexpr std::array kCommands = {
      CommandEntry{"list", "the models on this machine", make_list},
      CommandEntry{"show", "what a model file holds", make_show},
      CommandEntry{"rm", "remove a model", make_rm},
      CommandEntry{"debug tokenize", "texts on stdin to token ids, as JSON lines",
                   make_debug_tokenize},
      CommandEntry{"debug logits", "the logits of every position of a token list",
                   make_debug_logits},
      CommandEntry{"version", "version, build and instruction set", make_version},
  };
  return kCommands;
}

}  // namespace samovar::cli
