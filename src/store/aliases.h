// Aliases: further names for models, kept in one small file: "NAME<tab>TARGET" a line.
//
// Thread: any; of two processes that change it together one wins.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "base/sync.h"

#include <map>
#include <string>

namespace samovar::store {

// Letters, digits and "._-:/", 200 characters at most, no part beginning with a dot.
bool is_alias_name(std::string_view name);

class Aliases {
 public:
  explicit Aliases(std::string path) : path_(std::move(path)) {}

  // Name -> target; empty while there is no file. Lines that are none are passed over.
  std::map<std::string, std::string> all() const;
  // REQUIRES: is_alias_name() of both.
  Status set(const std::string& name, const std::string& target);
  // Whether there was one.
  Result<bool> remove(const std::string& name);

 private:
  std::map<std::string, std::string> read() const;
  Status write(const std::map<std::string, std::string>& aliases) const;

  const std::string path_;
  mutable Mutex mutex_;  // of the file
};

}  // namespace samovar::store
