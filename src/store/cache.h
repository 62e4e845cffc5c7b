// Cache: models on disk in the Hugging Face hub layout, shared with other programs.
//
//   models--USER--REPO/blobs/SHA256                     the bytes
//   models--USER--REPO/snapshots/REVISION/FILE          -> ../../blobs/SHA256
//   models--USER--REPO/refs/main                        REVISION
//   models--USER--REPO/.no_exist/REVISION/FILE          asked for, and not there
//   models--USER--REPO/blobs/KEY.incomplete             a pull on its way
//   models--USER--REPO/blobs/KEY.incomplete.file        FILE, that it will be
//   models--USER--REPO/blobs/KEY.incomplete.etag        of which bytes of the server
//   .locks/models--USER--REPO/KEY.lock                  held (flock) while it is pulled
//
// Models that no hub repository stands behind live in repositories of the made-up user "samovar".
// Knows files only: no network, no catalog. Thread: const; processes meet at the locks.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "store/digest.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::store {

struct CachedFile {
  std::string repo;      // "user/repo"
  std::string revision;  // the snapshot's name
  std::string file;      // relative to the snapshot
  std::string path;      // of the link in the snapshot: what gguf::File opens
  std::string blob;      // where it leads; equal to `path` if it is no link
  uint64_t size_bytes = 0;
};

// "models--user--repo" and "user/repo"; user names hold no "--", repository names may.
std::optional<std::string> repo_of_folder(std::string_view folder);
std::string folder_of_repo(std::string_view repo);

// The note beside a partial file that says which file it will be.
std::string file_note_path(const std::string& partial_path);

// Where a blob gets its place in a repository.
struct Placement {
  std::string revision;      // the snapshot's name
  std::string file;          // relative to it
  std::string blob_key;      // the blob's name
  std::string ref = "main";  // what leads to the revision; empty: nothing does
};

class Cache {
 public:
  explicit Cache(std::string dir) : dir_(std::move(dir)) {}
  const std::string& dir() const { return dir_; }

  // Every *.gguf whose link leads somewhere, by repo and file. An absent cache is empty.
  Result<std::vector<CachedFile>> list() const;
  // `file` of the snapshot that refs/main names, else of any other; with a `revision` (a branch, a
  // tag or a snapshot's name) only of that.
  std::optional<CachedFile> find(std::string_view repo, std::string_view file,
                                 std::string_view revision = {}) const;

  // REQUIRES for all below: is_repo_id(repo); `key`, `revision` safe segments; `file`, `ref` safe
  // paths.
  std::string blob_path(std::string_view repo, std::string_view key) const;
  std::string partial_path(std::string_view repo, std::string_view key) const;
  std::string lock_path(std::string_view repo, std::string_view key) const;
  // Makes the folders that a pull into `repo` needs.
  Status prepare(std::string_view repo) const;
  // Links snapshots/revision/file to the blob and points refs/REF there. RETURNS the link's path.
  Result<std::string> publish(std::string_view repo, const Placement& place) const;
  // Notes, as the hub's own programs do, that a revision has no such file.
  Status note_absence(std::string_view repo, std::string_view revision,
                      std::string_view file) const;
  // Whether that was noted for any revision.
  bool is_absent(std::string_view repo, std::string_view file) const;
  // Removes link and blob (the blob only when no other link leads there), then empty folders.
  // RETURNS the bytes set free.
  Result<uint64_t> remove(const CachedFile& file) const;
  // Removes the whole of `repo`, whatever lies in it. RETURNS its folder; empty if there was none.
  // kBusy while somebody pulls into it.
  Result<std::string> remove_repo(std::string_view repo) const;
  // What pulls into `repo` left unfinished: the file, by its key; empty where nobody noted it.
  std::map<std::string, std::string> partials(std::string_view repo) const;
  // Removes the one with this key and its notes, unless somebody is at work on it. RETURNS the
  // bytes set free.
  Result<uint64_t> remove_partial(std::string_view repo, const std::string& key) const;
  // The branches and tags that lead to a snapshot.
  std::vector<std::string> refs_to(std::string_view repo, std::string_view revision) const;

 private:
  std::string repo_dir(std::string_view repo) const;
  std::string dir_;
};

}  // namespace samovar::store
