#include "store/archive_writer.h"

#include <utility>

#include <archive.h>
#include <archive_entry.h>

namespace samovar::store {
namespace {

struct FreeEntry {
  void operator()(archive_entry* entry) const { archive_entry_free(entry); }
};
using Entry = std::unique_ptr<archive_entry, FreeEntry>;

Entry make_entry(const std::string& name, unsigned type, uint64_t size_bytes, int mode) {
  Entry entry(archive_entry_new());
  archive_entry_set_pathname(entry.get(), name.c_str());
  archive_entry_set_filetype(entry.get(), type);
  archive_entry_set_perm(entry.get(), static_cast<__LA_MODE_T>(mode));
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(size_bytes));
  return entry;
}

}  // namespace

// libarchive 3.6 does not free what it has after an error of its client, so it hears of none.
struct ArchiveWriter::State {
  archive* handle = nullptr;
  ByteSink sink;
  Status problem;  // of the sink, which gets nothing more then

  static la_ssize_t write(archive* /*a*/, void* user, const void* data, size_t n_bytes) {
    auto& state = *static_cast<State*>(user);
    if (state.problem.ok()) {
      state.problem = state.sink({static_cast<const std::byte*>(data), n_bytes});
    }
    return static_cast<la_ssize_t>(n_bytes);
  }
};

void ArchiveWriter::Close::operator()(State* state) const {
  // An unfinished one writes no end.
  if (state->problem.ok()) state->problem = cancelled("the archive is not finished");
  archive_write_free(state->handle);
  delete state;
}

Status ArchiveWriter::check(int code) const {
  if (!state_->problem.ok()) return state_->problem;
  if (code == ARCHIVE_OK || code == ARCHIVE_WARN) return {};
  const char* const text = archive_error_string(state_->handle);
  return internal_error(std::string("the archive: ") + (text == nullptr ? "an error" : text));
}

Result<ArchiveWriter> ArchiveWriter::begin(ByteSink sink) {
  archive* const handle = archive_write_new();
  if (handle == nullptr) return resource_exhausted("no memory for writing an archive");
  ArchiveWriter writer(std::unique_ptr<State, Close>(new State{handle, std::move(sink), {}}));
  SAMOVAR_TRY(writer.check(archive_write_set_format_pax_restricted(handle)));
  SAMOVAR_TRY(writer.check(
      archive_write_open(handle, writer.state_.get(), nullptr, State::write, nullptr)));
  return writer;
}

Status ArchiveWriter::begin_file(const std::string& name, uint64_t size_bytes, int mode) {
  const Entry entry = make_entry(name, AE_IFREG, size_bytes, mode);
  return check(archive_write_header(state_->handle, entry.get()));
}

Status ArchiveWriter::append(std::span<const std::byte> bytes) {
  const la_ssize_t n = archive_write_data(state_->handle, bytes.data(), bytes.size());
  return check(n == static_cast<la_ssize_t>(bytes.size()) ? ARCHIVE_OK : ARCHIVE_FATAL);
}

Status ArchiveWriter::add_text(const std::string& name, std::string_view text, int mode) {
  SAMOVAR_TRY(begin_file(name, text.size(), mode));
  return append(std::as_bytes(std::span(text)));
}

Status ArchiveWriter::add_link(const std::string& name, const std::string& target) {
  const Entry entry = make_entry(name, AE_IFLNK, 0, 0644);
  archive_entry_set_symlink(entry.get(), target.c_str());
  return check(archive_write_header(state_->handle, entry.get()));
}

Status ArchiveWriter::add_folder(const std::string& name, int mode, int owner) {
  const Entry entry = make_entry(name, AE_IFDIR, 0, mode);
  archive_entry_set_uid(entry.get(), owner);
  archive_entry_set_gid(entry.get(), owner);
  return check(archive_write_header(state_->handle, entry.get()));
}

Status ArchiveWriter::finish() {
  return check(archive_write_close(state_->handle));
}

}  // namespace samovar::store
