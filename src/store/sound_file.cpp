#include "store/sound_file.h"

#include "gguf/file.h"
#include "store/shown_url.h"
#include "sys/mapped_file.h"

#include <fmt/format.h>

namespace samovar::store {
namespace {

Status parse(const std::string& path) {
  SAMOVAR_ASSIGN(const auto mapped, sys::MappedFile::open(path));
  return gguf::File::parse(mapped->bytes()).status();
}

}  // namespace

Status check_is_gguf(BlobWriter& writer, const std::string& url) {
  const Status status = parse(writer.partial_path());
  if (status.ok()) return {};
  writer.discard();
  return corrupt(fmt::format("{}: what came is no whole model ({}); it was removed", shown_url(url),
                             status.message()));
}

}  // namespace samovar::store
