#include "store/blob_writer.h"

#include "store/blob_hash.h"
#include "store/cache.h"

#include <algorithm>
#include <cerrno>
#include <unistd.h>

#include <fmt/format.h>

namespace samovar::store {
namespace {

constexpr uint64_t kSpareBytes = uint64_t{64} << 20;  // left free beyond the model

double gigabytes(uint64_t bytes) {
  return static_cast<double>(bytes) / 1e9;
}

}  // namespace

Status need_disk(const std::string& path, uint64_t n_bytes) {
  SAMOVAR_ASSIGN(const uint64_t free_bytes, sys::free_disk_bytes(path));
  if (n_bytes == 0 || free_bytes >= n_bytes + kSpareBytes) return {};
  return resource_exhausted(fmt::format(
      "the disk of {} has {:.2f} GB free, {:.2f} GB are needed: free some, or set HF_HUB_CACHE to "
      "a folder on another disk",
      path.substr(0, path.rfind('/')), gigabytes(free_bytes), gigabytes(n_bytes + kSpareBytes)));
}

Result<BlobWriter> BlobWriter::open(std::string partial_path, std::string final_path,
                                    const Expected& expected, Meter& meter) {
  SAMOVAR_ASSIGN(auto file, sys::AtomicFile::open(partial_path, std::move(final_path)));
  file.keep_partial();
  BlobWriter writer(std::move(file), expected, meter);
  writer.partial_path_ = std::move(partial_path);
  if (expected.size_bytes && writer.size_bytes() > *expected.size_bytes) {
    SAMOVAR_TRY(writer.file_.truncate(0));
  }
  SAMOVAR_TRY(writer.check_space());
  return writer;
}

Status BlobWriter::check_space() const {
  if (!expected_.size_bytes) return {};
  return need_disk(partial_path_,
                   *expected_.size_bytes - std::min(*expected_.size_bytes, size_bytes()));
}

Status BlobWriter::keep(uint64_t n_bytes) {
  SAMOVAR_CHECK(n_bytes <= size_bytes());
  SAMOVAR_TRY(file_.truncate(n_bytes));
  hasher_ = Sha256();
  if (n_bytes > 0) return hash_file();
  expected_.size_bytes = given_size_bytes_;
  return {};
}

Status BlobWriter::hash_file() {
  SAMOVAR_TRY(meter_->begin(Phase::kVerify, "what an earlier pull left", size_bytes()));
  uint64_t done_bytes = 0;
  SAMOVAR_TRY(read_pieces(partial_path_, [&](std::span<const std::byte> bytes) {
    hasher_.update(bytes);
    done_bytes += bytes.size();
    return meter_->advance_to(done_bytes);
  }));
  if (done_bytes == size_bytes()) return {};
  return errno_error(EIO, partial_path_ + ": read");
}

Status BlobWriter::append(std::span<const std::byte> bytes) {
  if (expected_.size_bytes && bytes.size() > *expected_.size_bytes - size_bytes()) {
    discard();
    return too_large(
        fmt::format("more bytes came than the {} that were announced", *expected_.size_bytes));
  }
  SAMOVAR_TRY(file_.append(bytes));
  hasher_.update(bytes);
  return meter_->advance_to(size_bytes());
}

Status BlobWriter::expect_size(uint64_t total_bytes) {
  if (expected_.size_bytes && *expected_.size_bytes != total_bytes) {
    return corrupt(fmt::format("the file has {} bytes there, {} are expected", total_bytes,
                               *expected_.size_bytes));
  }
  if (size_bytes() > total_bytes) {
    return corrupt(
        fmt::format("{} bytes are here already, the file has {}", size_bytes(), total_bytes));
  }
  expected_.size_bytes = total_bytes;
  meter_->expect(total_bytes);
  return check_space();
}

Result<Digest> BlobWriter::commit() {
  if (expected_.size_bytes && *expected_.size_bytes != size_bytes()) {
    return corrupt(fmt::format("the file ended after {} bytes, {} are expected", size_bytes(),
                               *expected_.size_bytes));
  }
  const Digest found = hasher_.finish();
  if (expected_.sha256 && *expected_.sha256 != found) {
    discard();
    return corrupt(fmt::format("the file has SHA-256 {}, {} is expected; it was removed",
                               found.hex(), expected_.sha256->hex()));
  }
  SAMOVAR_TRY(file_.commit());
  remove_notes();
  return found;
}

// The name goes; the open file ends with this object.
void BlobWriter::discard() {
  file_.truncate(0).ignore("the name is removed next");
  unlink(partial_path_.c_str());
  remove_notes();
}

void BlobWriter::remove_notes() const {
  for (const std::string& note : {etag_path(), file_note_path(partial_path_)}) {
    unlink(note.c_str());
  }
}

}  // namespace samovar::store
