#include "store/cache.h"

#include "store/file_lock.h"
#include "store/model_name.h"
#include "sys/file.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <tuple>

#include <fmt/format.h>

namespace samovar::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kRepoPrefix = "models--";
constexpr std::string_view kPartialSuffix = ".incomplete";
constexpr uint64_t kMaxRefBytes = 4096;  // of a ref, and of a note

Status fs_error(const std::error_code& error, const fs::path& path) {
  return errno_error(error.value(), path.string());
}

// Names of the entries of a folder; an absent folder has none.
std::vector<std::string> names_in(const fs::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator it(folder, error), end; !error && it != end; it.increment(error)) {
    names.push_back(it->path().filename().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

// The snapshot that a branch or tag leads to.
std::optional<std::string> revision_of_ref(const fs::path& root, std::string_view ref) {
  if (!is_safe_relative_path(ref)) return std::nullopt;
  const auto text = sys::read_file((root / "refs" / ref).string(), kMaxRefBytes);
  if (!text.ok()) return std::nullopt;
  std::string revision = text->substr(0, text->find_last_not_of(" \n\r") + 1);
  if (!is_safe_segment(revision)) return std::nullopt;
  return revision;
}

std::optional<CachedFile> file_at(const fs::path& snapshot, const std::string& repo,
                                  const std::string& file) {
  const fs::path path = snapshot / file;
  std::error_code error;
  if (!fs::is_regular_file(path, error)) return std::nullopt;
  const uint64_t size_bytes = fs::file_size(path, error);
  if (error) return std::nullopt;
  const fs::path blob = fs::canonical(path, error);
  return CachedFile{repo,          snapshot.filename().string(),          file,
                    path.string(), error ? path.string() : blob.string(), size_bytes};
}

// The *.gguf files of one snapshot, those in sub-folders too.
void collect(const fs::path& snapshot, const std::string& repo, std::vector<CachedFile>& out) {
  std::error_code error;
  fs::recursive_directory_iterator it(snapshot, error), end;
  for (; !error && it != end; it.increment(error)) {
    if (it.depth() > 8) it.disable_recursion_pending();
    const std::string file = it->path().lexically_relative(snapshot).string();
    if (!file.ends_with(".gguf")) continue;
    if (auto found = file_at(snapshot, repo, file)) out.push_back(*std::move(found));
  }
}

// Removes `folder` and its parents up to, not including, `stop` as long as they are empty.
void remove_empty(fs::path folder, const fs::path& stop) {
  std::error_code error;
  while (folder != stop && fs::is_empty(folder, error) && !error) {
    fs::remove(folder, error);
    folder = folder.parent_path();
  }
}

}  // namespace

std::optional<std::string> repo_of_folder(std::string_view folder) {
  if (!folder.starts_with(kRepoPrefix)) return std::nullopt;
  std::string repo(folder.substr(kRepoPrefix.size()));
  const size_t split = repo.find("--");
  if (split == std::string::npos) return std::nullopt;
  repo.replace(split, 2, "/");
  if (!is_repo_id(repo)) return std::nullopt;
  return repo;
}

std::string file_note_path(const std::string& partial_path) {
  return partial_path + ".file";
}

std::string folder_of_repo(std::string_view repo) {
  const size_t slash = repo.find('/');
  return fmt::format("{}{}--{}", kRepoPrefix, repo.substr(0, slash), repo.substr(slash + 1));
}

std::string Cache::repo_dir(std::string_view repo) const {
  return dir_ + "/" + folder_of_repo(repo);
}

std::string Cache::blob_path(std::string_view repo, std::string_view key) const {
  return fmt::format("{}/blobs/{}", repo_dir(repo), key);
}

std::string Cache::partial_path(std::string_view repo, std::string_view key) const {
  return blob_path(repo, key) + std::string(kPartialSuffix);
}

std::string Cache::lock_path(std::string_view repo, std::string_view key) const {
  const std::string folder = repo_dir(repo).substr(dir_.size() + 1);
  return fmt::format("{}/.locks/{}/{}.lock", dir_, folder, key);
}

Result<std::vector<CachedFile>> Cache::list() const {
  std::vector<CachedFile> files;
  std::error_code error;
  if (fs::exists(dir_, error) && !fs::is_directory(dir_, error)) {
    return invalid_argument(fmt::format("{}: the model cache is not a folder", dir_));
  }
  for (const std::string& folder : names_in(dir_)) {
    const auto repo = repo_of_folder(folder);
    if (!repo) continue;
    const fs::path snapshots = fs::path(dir_) / folder / "snapshots";
    for (const std::string& revision : names_in(snapshots)) {
      collect(snapshots / revision, *repo, files);
    }
  }
  std::sort(files.begin(), files.end(), [](const CachedFile& a, const CachedFile& b) {
    return std::tie(a.repo, a.file, a.revision) < std::tie(b.repo, b.file, b.revision);
  });
  return files;
}

std::optional<CachedFile> Cache::find(std::string_view repo, std::string_view file,
                                      std::string_view revision) const {
  const fs::path root = repo_dir(repo);
  std::vector<std::string> revisions;
  if (auto head = revision_of_ref(root, revision.empty() ? "main" : revision)) {
    revisions.push_back(*std::move(head));
  }
  if (!revision.empty() && is_safe_segment(revision)) revisions.emplace_back(revision);
  if (revision.empty()) {
    for (std::string& any : names_in(root / "snapshots")) revisions.push_back(std::move(any));
  }
  for (const std::string& candidate : revisions) {
    auto found = file_at(root / "snapshots" / candidate, std::string(repo), std::string(file));
    if (found) return found;
  }
  return std::nullopt;
}

Status Cache::prepare(std::string_view repo) const {
  const fs::path root = repo_dir(repo);
  const fs::path locks = fs::path(lock_path(repo, "x")).parent_path();
  for (const fs::path& folder : {root / "blobs", root / "refs", root / "snapshots", locks}) {
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) return fs_error(error, folder);
  }
  return {};
}

Result<std::string> Cache::publish(std::string_view repo, const Placement& place) const {
  const fs::path root = repo_dir(repo);
  const fs::path link = root / "snapshots" / place.revision / place.file;
  std::error_code error;
  fs::create_directories(link.parent_path(), error);
  if (error) return fs_error(error, link.parent_path());

  // The link comes last: what fails before it leaves no model that others could find.
  if (!place.ref.empty()) {
    const fs::path ref = root / "refs" / place.ref;
    fs::create_directories(ref.parent_path(), error);
    if (error) return fs_error(error, ref.parent_path());
    SAMOVAR_TRY(sys::write_file_atomic(ref.string(), place.revision));
  }

  // Made beside and renamed over: readers see the old link or the new one.
  const fs::path target =
      fs::path(blob_path(repo, place.blob_key)).lexically_relative(link.parent_path());
  const fs::path fresh = link.string() + ".new";
  fs::remove(fresh, error);
  fs::create_symlink(target, fresh, error);
  if (error) return fs_error(error, fresh);
  fs::rename(fresh, link, error);
  if (error) {
    std::error_code ignored;
    fs::remove(fresh, ignored);
    return fs_error(error, link);
  }
  return link.string();
}

Status Cache::note_absence(std::string_view repo, std::string_view revision,
                           std::string_view file) const {
  const fs::path path = fs::path(repo_dir(repo)) / ".no_exist" / revision / file;
  std::error_code error;
  fs::create_directories(path.parent_path(), error);
  if (error) return fs_error(error, path.parent_path());
  return sys::write_file_atomic(path.string(), "");
}

bool Cache::is_absent(std::string_view repo, std::string_view file) const {
  const fs::path notes = fs::path(repo_dir(repo)) / ".no_exist";
  const auto revisions = names_in(notes);
  return std::any_of(revisions.begin(), revisions.end(), [&](const std::string& revision) {
    std::error_code error;
    return fs::exists(notes / revision / file, error);
  });
}

Result<uint64_t> Cache::remove(const CachedFile& file) const {
  SAMOVAR_ASSIGN(const auto all, list());
  const bool shared = std::any_of(all.begin(), all.end(), [&](const CachedFile& other) {
    return other.blob == file.blob && other.path != file.path;
  });
  const fs::path root = repo_dir(file.repo);
  std::error_code error;
  fs::remove(file.path, error);
  if (error) return fs_error(error, file.path);
  const bool ours = file.blob.starts_with(fs::weakly_canonical(root, error).string() + "/");
  if (!shared && ours && file.blob != file.path) {
    fs::remove(file.blob, error);
    if (error) return fs_error(error, file.blob);
  }
  remove_empty(fs::path(file.path).parent_path(), root);
  if (names_in(root / "snapshots").empty()) {
    for (const char* folder : {"refs", ".no_exist"}) fs::remove_all(root / folder, error);
    remove_empty(root / "blobs", root);
    remove_empty(root, dir_);
  }
  return shared ? 0 : file.size_bytes;
}

Result<std::string> Cache::remove_repo(std::string_view repo) const {
  if (!is_repo_id(repo)) return std::string();
  const fs::path root = repo_dir(repo);
  std::error_code error;
  if (!fs::exists(root, error)) return std::string();
  const fs::path locks = fs::path(lock_path(repo, "x")).parent_path();
  std::vector<FileLock> held;  // until nothing is left that a pull could be at work on
  for (const std::string& name : names_in(locks)) {
    SAMOVAR_ASSIGN(auto lock, FileLock::try_acquire((locks / name).string()));
    if (!lock) return busy(fmt::format("{} is being pulled; try again when that has ended", repo));
    held.push_back(*std::move(lock));
  }
  fs::remove_all(root, error);
  if (error) return fs_error(error, root);
  return root.string();
}

std::map<std::string, std::string> Cache::partials(std::string_view repo) const {
  std::map<std::string, std::string> files;
  for (const std::string& name : names_in(fs::path(repo_dir(repo)) / "blobs")) {
    const size_t suffix = name.find(kPartialSuffix);
    if (suffix == std::string::npos) continue;
    const std::string key = name.substr(0, suffix);
    const auto note = sys::read_file(file_note_path(partial_path(repo, key)), kMaxRefBytes);
    files[key] = note.ok() ? *note : "";
  }
  return files;
}

Result<uint64_t> Cache::remove_partial(std::string_view repo, const std::string& key) const {
  const fs::path root = repo_dir(repo);
  std::error_code error;
  fs::create_directories(fs::path(lock_path(repo, key)).parent_path(), error);
  SAMOVAR_ASSIGN(const auto lock, FileLock::try_acquire(lock_path(repo, key)));
  if (!lock) return 0;
  uint64_t freed_bytes = 0;
  for (const std::string& name : names_in(root / "blobs")) {
    if (!name.starts_with(key + std::string(kPartialSuffix))) continue;
    const fs::path path = root / "blobs" / name;
    const uint64_t size_bytes = fs::file_size(path, error);
    if (fs::remove(path, error) && !error) freed_bytes += size_bytes;
    if (error) return fs_error(error, path);
  }
  if (names_in(root / "snapshots").empty()) {
    for (const char* folder : {"blobs", "refs", "snapshots"}) remove_empty(root / folder, root);
    remove_empty(root, dir_);
  }
  return freed_bytes;
}

std::vector<std::string> Cache::refs_to(std::string_view repo, std::string_view revision) const {
  const fs::path root = repo_dir(repo);
  std::vector<std::string> refs;
  std::error_code error;
  fs::recursive_directory_iterator it(root / "refs", error), end;
  for (; !error && it != end; it.increment(error)) {
    const std::string ref = it->path().lexically_relative(root / "refs").string();
    if (revision_of_ref(root, ref) == revision) refs.push_back(ref);
  }
  std::sort(refs.begin(), refs.end());
  return refs;
}

}  // namespace samovar::store
