// TarText: a tar archive in memory, in the form "ustar" of POSIX.1-1988.
//
// Written by hand: libarchive's writers bring in libxml2 when it is linked statically.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <string>
#include <string_view>

namespace samovar::cluster {

class TarText {
 public:
  // Owned by root, of the year 1970: the same content is the same archive. `name` without a slash
  // in front, up to 99 bytes long, else kTooLarge.
  Status add_file(std::string_view name, std::string_view content, int mode);
  Status add_folder(std::string_view name, int mode, int owner = 0);
  // The archive. Nothing can be added afterwards.
  std::string finish();

 private:
  Status add(std::string_view name, std::string_view content, char type, int mode, int owner);

  std::string text_;
};

}  // namespace samovar::cluster
