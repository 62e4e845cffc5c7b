#include "api/web_page.h"

#include "api/web_files.h"
#include "base/check.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#define ZLIB_CONST
#include <zlib.h>

namespace samovar::api {
namespace {

// Only what this server sends may run or load, HTML made of text only through DOMPurify; nothing
// may frame the page.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types dompurify";

constexpr std::string_view kLibraries = "/vendor/";  // paths below it hold a version

constexpr std::array<std::pair<std::string_view, const char*>, 5> kTypes = {{
    {".html", "text/html; charset=utf-8"},
    {".css", "text/css; charset=utf-8"},
    {".js", "text/javascript; charset=utf-8"},
    {".json", "application/json; charset=utf-8"},
    {".svg", "image/svg+xml"},
}};

const WebFile* find_file(std::string_view path) {
  if (path == "/") path = "/index.html";
  const auto files = web_files();
  const auto found = std::find_if(files.begin(), files.end(),
                                  [&](const WebFile& file) { return file.path == path; });
  return found == files.end() ? nullptr : &*found;
}

const char* type_of(std::string_view path) {
  for (const auto& [ending, type] : kTypes) {
    if (path.ends_with(ending)) return type;
  }
  return "text/plain; charset=utf-8";
}

// "gzip, deflate, br" but not "gzip;q=0": browsers send the first, the rest may have the text.
bool takes_gzip(const net::Headers& asked) {
  const std::string_view codings = asked.find("Accept-Encoding").value_or("");
  const size_t at = codings.find("gzip");
  return at != std::string_view::npos && codings.find("q=0", at) == std::string_view::npos;
}

// Nothing when memory runs out.
std::optional<std::string> unpacked(const WebFile& file) {
  std::string text(file.n_bytes, '\0');
  z_stream stream = {};
  stream.next_in = file.gzip.data();
  stream.avail_in = static_cast<uInt>(file.gzip.size());
  stream.next_out = reinterpret_cast<Bytef*>(text.data());
  stream.avail_out = static_cast<uInt>(text.size());
  constexpr int kGzip = 16 + MAX_WBITS;
  if (inflateInit2(&stream, kGzip) != Z_OK) return std::nullopt;
  const int outcome = inflate(&stream, Z_FINISH);
  inflateEnd(&stream);
  SAMOVAR_CHECK(outcome == Z_STREAM_END && stream.avail_out == 0);
  return text;
}

}  // namespace

bool is_web_file(std::string_view path) {
  return find_file(path) != nullptr;
}

net::Response web_file(std::string_view path, const net::Headers& asked) {
  const WebFile* file = find_file(path);
  if (file == nullptr) return net::Response::text(404, "not found\n");
  const std::string tag = "W/\"" + std::string(file->sum) + "\"";
  net::Response response;
  response.headers.set("Content-Security-Policy", kPolicy);
  response.headers.set("X-Content-Type-Options", "nosniff");
  response.headers.set("Referrer-Policy", "no-referrer");
  response.headers.set("Cache-Control", path.starts_with(kLibraries)
                                            ? "public, max-age=31536000, immutable"
                                            : "no-cache");
  response.headers.set("ETag", tag);
  response.headers.set("Vary", "Accept-Encoding");
  if (asked.find("If-None-Match").value_or("").find(tag) != std::string_view::npos) {
    response.status = 304;
    return response;
  }
  response.headers.set("Content-Type", type_of(file->path));
  if (takes_gzip(asked)) {
    response.headers.set("Content-Encoding", "gzip");
    response.body.assign(file->gzip.begin(), file->gzip.end());
    return response;
  }
  auto text = unpacked(*file);
  if (!text) return net::Response::text(503, "out of memory\n");
  response.body = *std::move(text);
  return response;
}

}  // namespace samovar::api
