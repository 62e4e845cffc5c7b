// SPDX-License-Identifier: Apache-2.0
#include "store/archive_writer.h"
#include "store/blob_hash.h"
#include "store/model_archive.h"

#include <algorithm>
#include <map>

#include <fmt/format.h>

namespace samovar::store {
namespace {

// A blob that goes into the archive once, however many files lead to it.
struct Blob {
  std::string member;  // "models--a--b/blobs/KEY"
  Digest digest;
  uint64_t size_bytes;
};

// Its name, or its hash where a file lies in the snapshot itself.
std::string key_of(const CachedFile& file, const Digest& digest) {
  if (file.blob == file.path) return digest.hex();
  return file.blob.substr(file.blob.rfind('/') + 1);
}

Result<std::map<std::string, Blob>> blobs_of(const std::vector<CachedFile>& files, Meter& meter) {
  std::map<std::string, Blob> blobs;  // by the path of their bytes
  for (const CachedFile& file : files) {
    if (blobs.contains(file.blob)) continue;
    auto digest = digest_in_name(file.blob);
    if (!digest) {
      SAMOVAR_TRY(meter.begin(Phase::kVerify, file.file, file.size_bytes));
      SAMOVAR_ASSIGN(digest, hash_file(file.blob, meter));
    }
    blobs.emplace(file.blob,
                  Blob{fmt::format("{}/blobs/{}", folder_of_repo(file.repo), key_of(file, *digest)),
                       *digest, file.size_bytes});
  }
  return blobs;
}

Status add_blob(ArchiveWriter& archive, const std::string& path, const Blob& blob, Meter& meter) {
  SAMOVAR_TRY(meter.begin(Phase::kCopy, path, blob.size_bytes));
  SAMOVAR_TRY(archive.begin_file(blob.member, blob.size_bytes));
  Sha256 hasher;
  uint64_t done_bytes = 0;
  const Status copied = read_pieces(path, [&](std::span<const std::byte> bytes) {
    hasher.update(bytes);
    done_bytes += bytes.size();
    if (done_bytes > blob.size_bytes) return corrupt(path + ": grew while it was read");
    SAMOVAR_TRY(archive.append(bytes));
    return meter.advance_to(done_bytes);
  });
  SAMOVAR_TRY(copied);
  if (const Digest found = hasher.finish(); found != blob.digest) {
    return corrupt(fmt::format("{}: has SHA-256 {}, {} is expected: remove it and pull it anew",
                               path, found.hex(), blob.digest.hex()));
  }
  return {};
}

}  // namespace

Status write_models(const Cache& cache, const std::vector<CachedFile>& files, Meter& meter,
                    const ByteSink& sink) {
  SAMOVAR_ASSIGN(const auto blobs, blobs_of(files, meter));
  SAMOVAR_ASSIGN(auto archive, ArchiveWriter::begin(sink));
  std::string sums;
  for (const auto& [path, blob] : blobs) {
    fmt::format_to(std::back_inserter(sums), "{}  {}\n", blob.digest.hex(), blob.member);
  }
  SAMOVAR_TRY(archive.add_text("SHA256SUMS", sums));
  std::map<std::string, std::string> refs;  // revisions, by member
  for (const CachedFile& file : files) {
    // From snapshots/REVISION/FILE up to the repository, and down again.
    const auto n_up = 2 + std::count(file.file.begin(), file.file.end(), '/');
    std::string target;
    for (int64_t i = 0; i < n_up; ++i) target += "../";
    const std::string& member = blobs.at(file.blob).member;
    SAMOVAR_TRY(archive.add_link(
        fmt::format("{}/snapshots/{}/{}", folder_of_repo(file.repo), file.revision, file.file),
        target + member.substr(member.find('/') + 1)));
    for (const std::string& ref : cache.refs_to(file.repo, file.revision)) {
      refs[fmt::format("{}/refs/{}", folder_of_repo(file.repo), ref)] = file.revision;
    }
  }
  for (const auto& [member, revision] : refs) SAMOVAR_TRY(archive.add_text(member, revision));
  for (const auto& [path, blob] : blobs) SAMOVAR_TRY(add_blob(archive, path, blob, meter));
  return archive.finish();
}

}  // namespace samovar::store
