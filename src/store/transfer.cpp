#include "store/transfer.h"

#include "store/file_lock.h"
#include "sys/file.h"

#include <optional>
#include <sys/stat.h>

#include <fmt/format.h>

namespace samovar::store {
namespace {

constexpr int64_t kLockPollMs = 200;

std::optional<uint64_t> file_size(const std::string& path) {
  struct stat info {};
  if (stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return {};
  return static_cast<uint64_t>(info.st_size);
}

// The lock; while another process holds it, its partial file shows how far it is.
Result<FileLock> wait_for_lock(const Cache& cache, const Target& target, Meter& meter) {
  const std::string lock_path = cache.lock_path(target.repo, target.key);
  const std::string partial_path = cache.partial_path(target.repo, target.key);
  bool waiting = false;
  for (;;) {
    SAMOVAR_ASSIGN(auto lock, FileLock::try_acquire(lock_path));
    if (lock) return *std::move(lock);
    if (!waiting) {
      SAMOVAR_TRY(meter.begin(Phase::kWaiting, "another pull of this model is on its way",
                              target.expected.size_bytes.value_or(0)));
    }
    waiting = true;
    SAMOVAR_TRY(meter.advance_to(file_size(partial_path).value_or(0)));
    SAMOVAR_TRY(meter.pause(kLockPollMs));
  }
}

// A whole blob of that name: complete, since blobs get their names last.
bool is_here(const Cache& cache, const Target& target) {
  const auto size_bytes = file_size(cache.blob_path(target.repo, target.key));
  return size_bytes && *size_bytes == target.expected.size_bytes.value_or(*size_bytes);
}

Status fill_blob(const Target& target, BlobWriter& writer, const Fill& fill) {
  SAMOVAR_TRY(sys::write_file_atomic(file_note_path(writer.partial_path()), target.file));
  const Status filled = fill(writer);
  if (filled.ok()) return filled;
  const bool is_full = filled.code() == Code::kResourceExhausted;
  if (writer.size_bytes() == 0 || (is_full && !target.resumes)) {
    writer.discard();
    return filled;
  }
  if (!is_full) return filled;
  return resource_exhausted(fmt::format(
      "{}; {} MB of it are here: the next pull goes on from there, `samovar gc` removes them",
      filled.message(), writer.size_bytes() / 1'000'000));
}

}  // namespace

Result<Arrived> transfer(const Cache& cache, const Target& target, Meter& meter, const Fill& fill) {
  SAMOVAR_TRY(cache.prepare(target.repo));
  SAMOVAR_ASSIGN(const FileLock lock, wait_for_lock(cache, target, meter));
  Arrived arrived;
  arrived.fetched = !is_here(cache, target);
  if (target.expected.sha256) arrived.sha256 = target.expected.sha256->hex();
  if (arrived.fetched) {
    SAMOVAR_ASSIGN(auto writer, BlobWriter::open(cache.partial_path(target.repo, target.key),
                                                 cache.blob_path(target.repo, target.key),
                                                 target.expected, meter));
    SAMOVAR_TRY(fill_blob(target, writer, fill));
    SAMOVAR_ASSIGN(const Digest digest, writer.commit());
    arrived.sha256 = digest.hex();
  }
  SAMOVAR_ASSIGN(arrived.path, cache.publish(target.repo, {.revision = target.revision,
                                                           .file = target.file,
                                                           .blob_key = target.key,
                                                           .ref = target.ref}));
  return arrived;
}

}  // namespace samovar::store
