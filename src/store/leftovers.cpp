#include "store/leftovers.h"

#include "store/file_lock.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <optional>
#include <set>
#include <system_error>

namespace samovar::store {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPartialMark = ".incomplete";
constexpr std::string_view kScrapMark = ".tmp-";  // sys::write_file_atomic
constexpr std::string_view kLinkMark = ".new";    // Cache::publish

std::vector<fs::path> entries_of(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    out.push_back(at->path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

// Everything below `folder` that is no folder, links as they are.
std::vector<fs::path> files_below(const fs::path& folder) {
  std::vector<fs::path> out;
  std::error_code error;
  fs::recursive_directory_iterator at(folder, error), end;
  for (; !error && at != end; at.increment(error)) {
    if (!at->is_directory(error) || at->is_symlink(error)) out.push_back(at->path());
  }
  std::sort(out.begin(), out.end());
  return out;
}

uint64_t size_of(const fs::path& path) {
  std::error_code error;
  if (fs::is_symlink(path, error)) return 0;
  const uint64_t size_bytes = fs::file_size(path, error);
  return error ? 0 : size_bytes;
}

// Locks that are free are held from now on; nothing if somebody else has it. A lock that was never
// made is nobody's.
std::optional<FileLock> hold(const fs::path& lock_path) {
  std::error_code error;
  fs::create_directories(lock_path.parent_path(), error);
  auto lock = FileLock::try_acquire(lock_path.string());
  if (!lock.ok()) return std::nullopt;
  return *std::move(lock);
}

bool is_held(const fs::path& lock_path) {
  std::error_code error;
  return fs::exists(lock_path, error) && !hold(lock_path);
}

// One repository's folder, and its locks.
class Repo {
 public:
  Repo(const fs::path& root, const fs::path& cache_dir)
      : root_(root), locks_(cache_dir / ".locks" / root.filename()) {}

  std::vector<Leftover> find() const {
    std::vector<Leftover> out;
    const std::set<fs::path> wanted = wanted_blobs();
    for (const fs::path& blob : entries_of(root_ / "blobs")) {
      const auto kind = kind_of_blob(blob, wanted);
      if (kind && !is_held(lock_of(blob))) out.push_back({*kind, blob.string(), size_of(blob)});
    }
    if (anybody_at_work()) return out;
    for (const fs::path& link : files_below(root_ / "snapshots")) {
      std::error_code error;
      if (!fs::exists(link, error)) {
        out.push_back({LeftoverKind::kDeadLink, link.string(), 0});
      } else if (link.native().ends_with(kLinkMark) && fs::is_symlink(link, error)) {
        out.push_back({LeftoverKind::kScrap, link.string(), 0});
      }
    }
    for (const fs::path& ref : files_below(root_ / "refs")) {
      if (is_scrap(ref)) out.push_back({LeftoverKind::kScrap, ref.string(), size_of(ref)});
    }
    return out;
  }

  // Under its lock, if it still is one then. RETURNS whether it is gone.
  Result<bool> remove(const Leftover& leftover) const {
    const fs::path path = leftover.path;
    const bool is_blob = path.parent_path() == root_ / "blobs";
    const std::optional<FileLock> lock = is_blob ? hold(lock_of(path)) : std::nullopt;
    if (is_blob && (!lock || !kind_of_blob(path, wanted_blobs()))) return false;
    std::error_code error;
    fs::remove(path, error);
    if (error) return errno_error(error.value(), leftover.path);
    return true;
  }

  void remove_empty_folders() const {
    std::vector<fs::path> folders;
    std::error_code error;
    fs::recursive_directory_iterator at(root_, error), end;
    for (; !error && at != end; at.increment(error)) {
      if (at->is_directory(error) && !at->is_symlink(error)) folders.push_back(at->path());
    }
    if (anybody_at_work()) return;
    const bool has_blobs = !entries_of(root_ / "blobs").empty();
    const bool has_files = !files_below(root_ / "snapshots").empty();
    for (const char* folder : {"refs", ".no_exist"}) {
      if (!has_blobs && !has_files) fs::remove_all(root_ / folder, error);
    }
    std::sort(folders.begin(), folders.end(), std::greater<>());       // inner ones first
    for (const fs::path& folder : folders) fs::remove(folder, error);  // fails if it is not empty
    fs::remove(root_, error);
  }

 private:
  static bool is_scrap(const fs::path& path) {
    return path.filename().native().find(kScrapMark) != std::string::npos;
  }

  std::optional<LeftoverKind> kind_of_blob(const fs::path& blob,
                                           const std::set<fs::path>& wanted) const {
    if (is_scrap(blob)) return LeftoverKind::kScrap;
    if (blob.filename().native().find(kPartialMark) != std::string::npos) {
      return LeftoverKind::kPartial;
    }
    std::error_code error;
    if (wanted.contains(fs::canonical(blob, error))) return std::nullopt;
    return LeftoverKind::kBlob;
  }

  // The files that snapshots lead to.
  std::set<fs::path> wanted_blobs() const {
    std::set<fs::path> out;
    for (const fs::path& link : files_below(root_ / "snapshots")) {
      std::error_code error;
      fs::path file = fs::canonical(link, error);
      if (!error && !link.native().ends_with(kLinkMark)) out.insert(std::move(file));
    }
    return out;
  }

  fs::path lock_of(const fs::path& blob) const {
    std::string key = blob.filename().string();
    for (const std::string_view mark : {kPartialMark, kScrapMark}) {
      key = key.substr(0, key.find(mark));
    }
    return locks_ / (key + ".lock");
  }

  bool anybody_at_work() const {
    const auto locks = entries_of(locks_);
    return std::any_of(locks.begin(), locks.end(), is_held);
  }

  fs::path root_, locks_;
};

std::vector<Repo> repos_in(const std::string& cache_dir) {
  std::vector<Repo> out;
  for (const fs::path& folder : entries_of(cache_dir)) {
    std::error_code error;
    if (folder.filename().native().starts_with("models--") && fs::is_directory(folder, error)) {
      out.emplace_back(folder, cache_dir);
    }
  }
  return out;
}

// Whether somebody pulls what has this key, into whichever repository.
bool is_being_pulled(const std::string& cache_dir, const std::string& key) {
  const auto repos = entries_of(fs::path(cache_dir) / ".locks");
  return std::any_of(repos.begin(), repos.end(),
                     [&](const fs::path& locks) { return is_held(locks / (key + ".lock")); });
}

// Wheels that wait for a pull that was given up.
std::vector<Leftover> wheel_folders(const StoreOptions& options) {
  std::vector<Leftover> out;
  for (const fs::path& folder : entries_of(fs::path(options.state_dir) / "wheels")) {
    if (is_being_pulled(options.cache_dir, folder.filename().string())) continue;
    uint64_t size_bytes = 0;
    for (const fs::path& file : files_below(folder)) size_bytes += size_of(file);
    out.push_back({LeftoverKind::kScrap, folder.string(), size_bytes});
  }
  return out;
}

}  // namespace

const char* kind_text(LeftoverKind kind) {
  switch (kind) {
    case LeftoverKind::kPartial:
      return "unfinished pull";
    case LeftoverKind::kBlob:
      return "blob of no snapshot";
    case LeftoverKind::kDeadLink:
      return "dead link";
    case LeftoverKind::kScrap:
      break;
  }
  return "scrap";
}

std::vector<Leftover> find_leftovers(const StoreOptions& options) {
  std::vector<Leftover> out = wheel_folders(options);
  for (const Repo& repo : repos_in(options.cache_dir)) {
    for (Leftover& leftover : repo.find()) out.push_back(std::move(leftover));
  }
  return out;
}

Result<std::vector<Leftover>> remove_leftovers(const StoreOptions& options) {
  std::vector<Leftover> removed;
  for (Leftover& wheels : wheel_folders(options)) {
    std::error_code error;
    fs::remove_all(wheels.path, error);
    if (error) return errno_error(error.value(), wheels.path);
    removed.push_back(std::move(wheels));
  }
  for (const Repo& repo : repos_in(options.cache_dir)) {
    for (Leftover& leftover : repo.find()) {
      SAMOVAR_ASSIGN(const bool is_gone, repo.remove(leftover));
      if (is_gone) removed.push_back(std::move(leftover));
    }
    repo.remove_empty_folders();
  }
  return removed;
}

}  // namespace samovar::store
