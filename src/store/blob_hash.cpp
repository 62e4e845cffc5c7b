#include "store/blob_hash.h"

#include <cerrno>
#include <fcntl.h>
#include <unistd.h>
#include <vector>

namespace samovar::store {
namespace {

constexpr size_t kPieceBytes = size_t{1} << 20;

}  // namespace

Status read_pieces(const std::string& path, const ByteSink& sink) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno_error(errno, path);
  std::vector<std::byte> piece(kPieceBytes);
  Status status;
  for (;;) {
    const ssize_t n = read(fd, piece.data(), piece.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) status = errno_error(errno, path + ": read");
    if (n > 0) status = sink({piece.data(), static_cast<size_t>(n)});
    if (n <= 0 || !status.ok()) break;
  }
  close(fd);
  return status;
}

Result<Digest> hash_file(const std::string& path, Meter& meter) {
  Sha256 hasher;
  uint64_t done_bytes = 0;
  SAMOVAR_TRY(read_pieces(path, [&](std::span<const std::byte> bytes) {
    hasher.update(bytes);
    done_bytes += bytes.size();
    return meter.advance_to(done_bytes);
  }));
  return hasher.finish();
}

std::optional<Digest> digest_in_name(const std::string& blob_path) {
  auto digest = Digest::parse(std::string_view(blob_path).substr(blob_path.rfind('/') + 1));
  if (!digest.ok()) return std::nullopt;
  return *digest;
}

}  // namespace samovar::store
