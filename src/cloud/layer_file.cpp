#include "cloud/layer_file.h"

#include "sys/file.h"
#include "sys/nameless_file.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>
#include <optional>
#include <span>
#include <unistd.h>
#include <utility>
#include <zlib.h>

#include <fmt/format.h>

namespace samovar::cloud {
namespace {

using Bytes = std::span<const std::byte>;

// The best speed: what is large in such an image, a model's file, does not get smaller.
constexpr int kLevel = 1;
constexpr int kGzip = 16 + MAX_WBITS;  // zlib's way to ask for that format

constexpr std::array kGzipMagic = {std::byte{0x1f}, std::byte{0x8b}};
constexpr std::array kZstdMagic = {std::byte{0x28}, std::byte{0xb5}, std::byte{0x2f},
                                   std::byte{0xfd}};

bool begins_with(Bytes bytes, Bytes magic) {
  return bytes.size() >= magic.size() && std::equal(magic.begin(), magic.end(), bytes.begin());
}

// Where packed bytes go: the file, and their hash.
class HashedFile {
 public:
  explicit HashedFile(int fd) : fd_(fd) {}
  ~HashedFile() {
    if (fd_ >= 0) close(fd_);
  }
  HashedFile(const HashedFile&) = delete;
  HashedFile& operator=(const HashedFile&) = delete;

  Status write(Bytes bytes) {
    hash_.update(bytes);
    size_bytes_ += bytes.size();
    while (!bytes.empty()) {
      const ssize_t n = ::write(fd_, bytes.data(), bytes.size());
      if (n < 0 && errno != EINTR) return errno_error(errno, "writing a layer");
      if (n > 0) bytes = bytes.subspan(static_cast<size_t>(n));
    }
    return {};
  }
  uint64_t size_bytes() const { return size_bytes_; }
  store::Digest finish_hash() { return hash_.finish(); }
  int release() { return std::exchange(fd_, -1); }

 private:
  int fd_;
  uint64_t size_bytes_ = 0;
  store::Sha256 hash_;
};

class Gzip {
 public:
  explicit Gzip(HashedFile& out) : out_(out) {
    ready_ = deflateInit2(&stream_, kLevel, Z_DEFLATED, kGzip, 8, Z_DEFAULT_STRATEGY) == Z_OK;
  }
  ~Gzip() { deflateEnd(&stream_); }
  Gzip(const Gzip&) = delete;
  Gzip& operator=(const Gzip&) = delete;

  Status write(Bytes bytes) { return run(bytes, Z_NO_FLUSH); }
  Status finish() { return run({}, Z_FINISH); }

 private:
  Status run(Bytes bytes, int flush) {
    if (!ready_) return resource_exhausted("no memory to pack a layer");
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      stream_.next_out = reinterpret_cast<Bytef*>(room_.data());
      stream_.avail_out = static_cast<uInt>(room_.size());
      deflate(&stream_, flush);
      SAMOVAR_TRY(out_.write(std::span(room_).first(room_.size() - stream_.avail_out)));
    } while (stream_.avail_out == 0);
    return {};
  }

  HashedFile& out_;
  z_stream stream_{};
  bool ready_;
  std::array<std::byte, size_t{1} << 17> room_;
};

Status check_room(uint64_t size_bytes, const std::string& folder) {
  SAMOVAR_ASSIGN(const uint64_t free_bytes, sys::free_disk_bytes(folder));
  const uint64_t needed_bytes = size_bytes + size_bytes / 1000 + 4096;  // what does not get smaller
  if (free_bytes >= needed_bytes) return {};
  return resource_exhausted(fmt::format(
      "{}: {:.1f} MB are free, packing a layer needs {:.1f} MB: TMPDIR names another folder",
      folder, static_cast<double>(free_bytes) / 1e6, static_cast<double>(needed_bytes) / 1e6));
}

}  // namespace

Result<LayerFile> LayerFile::pack(store::ArchiveReader& tar, uint64_t size_bytes,
                                  const std::string& folder) {
  SAMOVAR_TRY(check_room(size_bytes, folder));
  SAMOVAR_ASSIGN(const int fd, sys::open_nameless(folder));
  HashedFile out(fd);
  const auto gzip = std::make_unique<Gzip>(out);
  std::optional<bool> is_packed;
  SAMOVAR_TRY(tar.read(size_bytes, [&](Bytes bytes) {
    if (!is_packed) {
      if (begins_with(bytes, kZstdMagic)) {
        return unsupported("a layer is packed with zstd, which not all registries and nodes know");
      }
      is_packed = begins_with(bytes, kGzipMagic);
    }
    return *is_packed ? out.write(bytes) : gzip->write(bytes);
  }));
  if (!is_packed.value_or(false)) SAMOVAR_TRY(gzip->finish());
  const uint64_t n_bytes = out.size_bytes();
  const store::Digest digest = out.finish_hash();
  return LayerFile(out.release(), n_bytes, digest);
}

LayerFile::LayerFile(LayerFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)), size_bytes_(other.size_bytes_), digest_(other.digest_) {}

LayerFile::~LayerFile() {
  if (fd_ >= 0) close(fd_);
}

}  // namespace samovar::cloud
