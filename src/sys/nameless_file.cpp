#include "sys/nameless_file.h"

#include <cerrno>
#include <cstdlib>
#include <fcntl.h>
#include <unistd.h>

namespace samovar::sys {

Result<int> open_nameless(const std::string& folder) {
  std::string path = folder + "/samovar-XXXXXX";
  const int fd = mkostemp(path.data(), O_CLOEXEC);
  if (fd < 0) return errno_error(errno, folder);
  unlink(path.c_str());
  return fd;
}

}  // namespace samovar::sys
