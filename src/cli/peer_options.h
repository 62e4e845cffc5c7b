// PeerOptions: flags of llama-server that are taken so that its command lines work, and that have
// no effect here.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "cli/flags.h"

#include <deque>
#include <string>
#include <vector>

namespace samovar::cli {

class PeerOptions {
 public:
  void declare(Flags& flags);
  // The names of those that were given.
  std::vector<std::string> given() const;

 private:
  template <class T>
  struct Taken {
    std::string name;
    T value;
  };
  std::deque<Taken<std::string>> values_;  // never move: flags point into them
  std::deque<Taken<bool>> switches_;
};

}  // namespace samovar::cli
