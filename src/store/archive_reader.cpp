#include "store/archive_reader.h"

#include <algorithm>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

namespace samovar::store {
namespace {

constexpr size_t kReadBytes = size_t{1} << 18;

std::string text_or_empty(const char* text) {
  return text == nullptr ? "" : text;
}

}  // namespace

void ArchiveReader::Close::operator()(archive* a) const {
  archive_read_free(a);
}

Status ArchiveReader::error(const char* fallback) const {
  const char* const text = archive_error_string(archive_.get());
  return corrupt(fmt::format("{}: {}", path_, text == nullptr ? fallback : text));
}

Result<ArchiveReader> ArchiveReader::open(const std::string& path, Format format) {
  archive* const a = archive_read_new();
  if (a == nullptr) return resource_exhausted("no memory for reading " + path);
  ArchiveReader reader(a, path);
  const int known = format == Format::kZip ? archive_read_support_format_zip(a)
                                           : archive_read_support_format_tar(a);
  const char* const file = path == "-" ? nullptr : path.c_str();
  if (known != ARCHIVE_OK || archive_read_open_filename(a, file, kReadBytes) != ARCHIVE_OK) {
    return reader.error("can't be read");
  }
  return reader;
}

Result<std::optional<ArchiveReader::Member>> ArchiveReader::next() {
  archive_entry* entry = nullptr;
  const int code = archive_read_next_header(archive_.get(), &entry);
  if (code == ARCHIVE_EOF) return std::optional<Member>();
  if (code != ARCHIVE_OK && code != ARCHIVE_WARN) return error("is no archive");
  Member member;
  member.name = text_or_empty(archive_entry_pathname(entry));
  member.size_bytes = static_cast<uint64_t>(std::max<la_int64_t>(archive_entry_size(entry), 0));
  member.is_file =
      archive_entry_filetype(entry) == AE_IFREG && archive_entry_hardlink(entry) == nullptr;
  if (archive_entry_filetype(entry) == AE_IFLNK) {
    member.link_target = text_or_empty(archive_entry_symlink(entry));
  }
  return std::optional(std::move(member));
}

Status ArchiveReader::read(uint64_t max_bytes, const ByteSink& sink) {
  uint64_t total_bytes = 0;
  for (;;) {
    const void* block = nullptr;
    size_t n_bytes = 0;
    la_int64_t offset = 0;
    const int code = archive_read_data_block(archive_.get(), &block, &n_bytes, &offset);
    if (code == ARCHIVE_EOF) return {};
    if (code != ARCHIVE_OK) return error("is cut");
    if (offset < 0 || static_cast<uint64_t>(offset) != total_bytes) {
      return corrupt(path_ + ": a member with holes");
    }
    if (n_bytes > max_bytes - total_bytes) {
      return too_large(fmt::format("{}: a member has more than the {} bytes that are expected",
                                   path_, max_bytes));
    }
    total_bytes += n_bytes;
    SAMOVAR_TRY(sink({static_cast<const std::byte*>(block), n_bytes}));
  }
}

Result<std::string> ArchiveReader::read_text(uint64_t max_bytes) {
  std::string text;
  SAMOVAR_TRY(read(max_bytes, [&](std::span<const std::byte> bytes) {
    text.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    return Status();
  }));
  return text;
}

}  // namespace samovar::store
