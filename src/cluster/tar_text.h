// TarText: a tar archive in memory.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <memory>
#include <string>
#include <string_view>

namespace samovar::cluster {

class TarText {
 public:
  TarText();
  ~TarText();
  TarText(const TarText&) = delete;
  TarText& operator=(const TarText&) = delete;

  // Owned by root, of the year 1970: the same content is the same archive. `name` without a slash
  // in front.
  Status add_file(const std::string& name, std::string_view content, int mode);
  Status add_folder(const std::string& name, int mode, int owner = 0);
  // The archive; nothing can be added afterwards.
  Result<std::string> finish();

 private:
  struct Writer;
  std::unique_ptr<Writer> writer_;
};

}  // namespace samovar::cluster
