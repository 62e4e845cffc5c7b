// SPDX-License-Identifier: Apache-2.0
#include "store/model_archive.h"
#include "store/model_name.h"
#include "store/transfer.h"
#include "sys/proc_text.h"

#include <map>
#include <optional>
#include <string_view>

#include <fmt/format.h>

namespace samovar::store {
namespace {

constexpr uint64_t kMaxTextBytes = uint64_t{1} << 20;
constexpr size_t kMaxLinks = 100'000;

// "models--a--b/snapshots/REV/FILE", "models--a--b/refs/REF", "models--a--b/blobs/KEY".
struct MemberName {
  std::string repo;    // "a/b"
  std::string folder;  // "snapshots"
  std::string rest;    // "REV/FILE"
};

std::optional<MemberName> parse_member(std::string_view name) {
  const size_t first = name.find('/');
  const size_t second = first == name.npos ? name.npos : name.find('/', first + 1);
  if (second == name.npos) return std::nullopt;
  auto repo = repo_of_folder(name.substr(0, first));
  const std::string_view rest = name.substr(second + 1);
  if (!repo || !is_safe_relative_path(rest)) return std::nullopt;
  return MemberName{*std::move(repo), std::string(name.substr(first + 1, second - first - 1)),
                    std::string(rest)};
}

class Import {
 public:
  Import(const Cache& cache, Meter& meter, ArchiveReader archive, const std::string& path)
      : cache_(cache), meter_(meter), archive_(std::move(archive)), path_(path) {}

  Result<std::vector<std::string>> run() {
    SAMOVAR_TRY(read_sums());
    for (;;) {
      SAMOVAR_ASSIGN(const auto member, archive_.next());
      if (!member) break;
      SAMOVAR_TRY(take(*member));
    }
    if (!sums_.empty()) {
      return corrupt(fmt::format("{}: \"{}\" is missing: it is cut", path_, sums_.begin()->first));
    }
    return std::move(paths_);
  }

 private:
  Status wrong(std::string_view name) const {
    return corrupt(fmt::format("{}: \"{}\" is no part of an archive of `samovar export`", path_,
                               name.substr(0, 200)));
  }

  Status read_sums() {
    SAMOVAR_ASSIGN(const auto first, archive_.next());
    if (!first || first->name != "SHA256SUMS" || !first->is_file) {
      return wrong(first ? first->name : "");
    }
    SAMOVAR_ASSIGN(const std::string text, archive_.read_text(kMaxTextBytes));
    for (const std::string_view line : sys::split(text, '\n')) {
      const auto words = sys::words(line);
      if (words.size() != 2) return wrong(line);
      auto digest = Digest::parse(words[0]);
      if (!digest.ok()) return wrong(line);
      sums_.emplace(words[1], *digest);
    }
    return {};
  }

  Status take(const ArchiveReader::Member& member) {
    if (member.name.ends_with('/')) return {};  // a folder, as `tar c` writes them
    const auto name = parse_member(member.name);
    if (!name) return wrong(member.name);
    if (name->folder == "snapshots") return take_link(*name, member);
    if (name->folder == "refs" && member.is_file) return take_ref(*name);
    if (name->folder == "blobs" && member.is_file) return take_blob(*name, member);
    return wrong(member.name);
  }

  Status take_link(const MemberName& name, const ArchiveReader::Member& member) {
    const size_t slash = name.rest.find('/');
    std::string_view target = member.link_target;
    while (target.starts_with("../")) target.remove_prefix(3);
    if (slash == std::string::npos || !target.starts_with("blobs/") || links_.size() >= kMaxLinks) {
      return wrong(member.name);
    }
    target.remove_prefix(std::string_view("blobs/").size());
    if (!is_safe_segment(target)) return wrong(member.name);
    links_[{name.repo, std::string(target)}].push_back({.revision = name.rest.substr(0, slash),
                                                        .file = name.rest.substr(slash + 1),
                                                        .blob_key = std::string(target)});
    return {};
  }

  Status take_ref(const MemberName& name) {
    if (++n_refs_ > kMaxLinks) return wrong(name.rest);
    SAMOVAR_ASSIGN(std::string revision, archive_.read_text(kMaxTextBytes));
    refs_[{name.repo, std::move(revision)}].push_back(name.rest);
    return {};
  }

  Status take_blob(const MemberName& name, const ArchiveReader::Member& member) {
    const auto digest = sums_.find(member.name);
    const auto links = links_.find({name.repo, name.rest});
    if (digest == sums_.end() || links == links_.end()) return wrong(member.name);
    for (Placement place : links->second) {
      const std::vector<std::string> refs = refs_[{name.repo, place.revision}];
      const Target target{.repo = name.repo,
                          .revision = place.revision,
                          .file = place.file,
                          .key = name.rest,
                          .expected = {digest->second, member.size_bytes},
                          .ref = refs.empty() ? "" : refs.front()};
      SAMOVAR_ASSIGN(Arrived arrived, transfer(cache_, target, meter_, [&](BlobWriter& writer) {
                       return fill(writer, place.file, member.size_bytes);
                     }));
      for (const std::string& ref : refs) {
        place.ref = ref;
        SAMOVAR_TRY(cache_.publish(name.repo, place).status());
      }
      paths_.push_back(std::move(arrived.path));
    }
    links_.erase(links);
    sums_.erase(digest);
    return {};
  }

  // What an earlier, cut import left is not taken up: the archive has to be read anyway.
  Status fill(BlobWriter& writer, const std::string& file, uint64_t size_bytes) {
    SAMOVAR_TRY(writer.keep(0));
    SAMOVAR_TRY(meter_.begin(Phase::kCopy, file, size_bytes));
    return archive_.read(size_bytes,
                         [&](std::span<const std::byte> bytes) { return writer.append(bytes); });
  }

  const Cache& cache_;
  Meter& meter_;
  ArchiveReader archive_;
  const std::string& path_;
  std::map<std::string, Digest, std::less<>> sums_;  // by member, to come
  std::map<std::pair<std::string, std::string>, std::vector<Placement>> links_;  // by repo and blob
  std::map<std::pair<std::string, std::string>, std::vector<std::string>>
      refs_;  // by repo, revision
  size_t n_refs_ = 0;
  std::vector<std::string> paths_;
};

}  // namespace

Result<std::vector<std::string>> read_models(const Cache& cache, const std::string& path,
                                             Meter& meter) {
  SAMOVAR_ASSIGN(auto archive, ArchiveReader::open(path, ArchiveReader::Format::kTar));
  return Import(cache, meter, std::move(archive), path).run();
}

}  // namespace samovar::store
