// Spellings that other programs taught people, and what they stand for here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string>
#include <vector>

namespace samovar::cli {

// "-ctk" becomes "--cache-type-k", "-ctk=q8_0" becomes "--cache-type-k=q8_0". Words after "--"
// stay.
void rewrite_peer_flags(std::vector<std::string>& arguments);

// Is it a name of Google's local-llm, whose errors scripts know: 2 for usage, 1 for the rest?
bool is_local_llm(const std::string& program);

// `--version` first is `version`, and `help COMMAND` is `COMMAND --help`.
// Under the name `llama-server` the program is `samovar serve --as-llama-server`. Under the name
// `ollama` `serve` may listen for everybody without a key (with a warning), as people's containers
// expect, and does so on Ollama's port. Under the names `local-llm` and `llm` it is `samovar
// local-llm`, and other commands stay what they are. RETURNS the arguments to parse.
std::vector<std::string> arguments_of(const std::string& program,
                                      std::vector<std::string> arguments);

}  // namespace samovar::cli
