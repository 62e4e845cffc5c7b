#include "store/model_download.h"

#include "gguf/file.h"
#include "store/download.h"
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

Status download_model(net::HttpClient& client, const std::string& url, const Secret& authorization,
                      BlobWriter& writer) {
  SAMOVAR_TRY(download(client, url, authorization, writer));
  if (writer.expected().sha256) return {};
  const Status status = parse(writer.partial_path());
  if (status.ok()) return {};
  writer.discard();
  return corrupt(fmt::format("{}: what came is no whole model ({}); it was removed", shown_url(url),
                             status.message()));
}

}  // namespace samovar::store
