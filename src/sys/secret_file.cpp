#include "sys/secret_file.h"

#include <cerrno>
#include <fcntl.h>
#include <span>
#include <unistd.h>

namespace samovar::sys {

Result<AtomicFile> create_secret_file(const std::string& path) {
  const std::string partial = path + ".tmp-" + std::to_string(getpid());
  // The file must be there, and private, before AtomicFile writes to it.
  unlink(partial.c_str());
  const int fd = open(partial.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0) return errno_error(errno, partial);
  close(fd);
  return AtomicFile::open(partial, path);
}

Status fill_secret_file(AtomicFile& file, const Secret& bytes) {
  SAMOVAR_TRY(file.append(std::as_bytes(std::span(bytes.reveal()))));
  return file.commit();
}

Status write_secret_file(const std::string& path, const Secret& bytes) {
  SAMOVAR_ASSIGN(AtomicFile file, create_secret_file(path));
  return fill_secret_file(file, bytes);
}

}  // namespace samovar::sys
