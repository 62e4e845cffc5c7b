#include "cluster/tar_text.h"

#include <archive.h>
#include <archive_entry.h>
#include <fmt/format.h>

namespace samovar::cluster {

struct TarText::Writer {
  archive* tar = archive_write_new();
  archive_entry* entry = archive_entry_new();
  std::string text;

  ~Writer() {
    archive_entry_free(entry);
    archive_write_free(tar);
  }

  static la_ssize_t append(archive* /*tar*/, void* self, const void* bytes, size_t n_bytes) {
    static_cast<Writer*>(self)->text.append(static_cast<const char*>(bytes), n_bytes);
    return static_cast<la_ssize_t>(n_bytes);
  }

  Status check(la_ssize_t code) const {
    if (code >= ARCHIVE_OK) return {};
    return internal_error(fmt::format("tar: {}", archive_error_string(tar)));
  }

  Status add(const std::string& name, std::string_view content, unsigned int type, int mode,
             int owner) {
    archive_entry_clear(entry);
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_filetype(entry, type);
    archive_entry_set_perm(entry, static_cast<unsigned>(mode));
    archive_entry_set_uid(entry, owner);
    archive_entry_set_gid(entry, owner);
    archive_entry_set_mtime(entry, 0, 0);
    archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
    SAMOVAR_TRY(check(archive_write_header(tar, entry)));
    return check(archive_write_data(tar, content.data(), content.size()));
  }
};

TarText::TarText() : writer_(std::make_unique<Writer>()) {
  archive_write_set_format_ustar(writer_->tar);
  archive_write_open(writer_->tar, writer_.get(), nullptr, Writer::append, nullptr);
}

TarText::~TarText() = default;

Status TarText::add_file(const std::string& name, std::string_view content, int mode) {
  return writer_->add(name, content, AE_IFREG, mode, 0);
}

Status TarText::add_folder(const std::string& name, int mode, int owner) {
  return writer_->add(name + "/", {}, AE_IFDIR, mode, owner);
}

Result<std::string> TarText::finish() {
  SAMOVAR_TRY(writer_->check(archive_write_close(writer_->tar)));
  return std::move(writer_->text);
}

}  // namespace samovar::cluster
