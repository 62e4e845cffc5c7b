// Environment: the process's environment as a value. Only cli reads it.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "store/options.h"

#include <map>
#include <optional>
#include <string>

namespace samovar::cli {

class Environment {
 public:
  explicit Environment(std::map<std::string, std::string> values) : values_(std::move(values)) {}
  static Environment of_process();

  // Nothing if `name` is unset or empty.
  std::optional<std::string> get(const std::string& name) const;
  // "1", "true", "yes", "on" in any case.
  bool is_on(const std::string& name) const;

 private:
  std::map<std::string, std::string> values_;
};

// HF_HUB_CACHE, HF_HOME, XDG_*, HOME, HF_ENDPOINT, HF_TOKEN and HF_HUB_OFFLINE as the hub's own
// programs read them; SSL_CERT_FILE and its other names; SAMOVAR_EXTRA_CA.
store::StoreOptions store_options(const Environment& environment);

}  // namespace samovar::cli
