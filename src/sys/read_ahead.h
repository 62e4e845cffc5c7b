// ReadAhead: reads mapped files into the page cache, front to back, while others use them already.
//
// Page faults alone read little at a time and wait for it: a model that nobody has used since the
// machine started would come in at a fraction of the disk's speed. Files are read, not advised to
// be (MADV_WILLNEED): the kernel then caches them in larger pieces, which is faster where the disk
// is. OWNS a thread, which ends with the last page or with this object; where no thread can be had,
// nothing happens.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "sys/mapped_file.h"

#include <atomic>
#include <memory>
#include <thread>
#include <vector>

namespace samovar::sys {

class ReadAhead {
 public:
  explicit ReadAhead(std::vector<std::shared_ptr<const MappedFile>> files);
  ~ReadAhead();
  ReadAhead(const ReadAhead&) = delete;
  ReadAhead& operator=(const ReadAhead&) = delete;

 private:
  void read_all() const;
  void read(const MappedFile& file) const;

  const std::vector<std::shared_ptr<const MappedFile>> files_;
  std::atomic<bool> stop_{false};
  std::thread thread_;
};

}  // namespace samovar::sys
