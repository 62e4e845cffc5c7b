// OllamaPort: flags and address of the second port, where programs look for Ollama.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "cli/environment.h"
#include "cli/flags.h"

#include <cstdint>
#include <string>
#include <string_view>

namespace samovar::cli {

struct OllamaAddress {
  std::string host = "127.0.0.1";
  uint16_t port = 11434;
};

// OLLAMA_HOST's form: [http://]host[:port], each part of which may be missing.
Result<OllamaAddress> parse_ollama_host(std::string_view text);

struct OllamaPort {
  bool wanted = false;
  bool by_name = false;  // as the program of that name, whose OLLAMA_HOST may be open to all
  std::string version;   // what clients hear; empty: the API's own

  void declare(Flags& flags);
  // By OLLAMA_HOST.
  Result<OllamaAddress> address(const Environment& environment) const;
};

}  // namespace samovar::cli
