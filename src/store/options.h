// StoreOptions: where models live and where they may come from. Filled by cli from environment and
// flags; nothing in store/ reads the environment.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.h"

#include <string>

namespace samovar::store {

struct StoreOptions {
  // The Hugging Face hub cache: HF_HUB_CACHE, else HF_HOME/hub, else ~/.cache/huggingface/hub.
  std::string cache_dir;
  // samovar's own files (wheels on their way, a pip of its own): ~/.local/state/samovar.
  std::string state_dir;
  // A catalog.yaml whose entries are laid over the built-in ones.
  std::string catalog_file;
  bool catalog_may_be_absent = true;                   // false where SAMOVAR_CATALOG names it
  std::string hf_endpoint = "https://huggingface.co";  // HF_ENDPOINT
  Secret hf_token;                                     // HF_TOKEN
  // Authorities that TLS trusts, PEM; empty: the system's.
  std::string ca_file;
  std::string extra_ca_file;  // beside those
  bool offline = false;       // HF_HUB_OFFLINE, --offline: what is cached, and nothing else
};

}  // namespace samovar::store
