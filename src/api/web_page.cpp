#include "api/web_page.h"

#include "api/web_files.h"

#include <array>

namespace samovar::api {
namespace {

// Only what this server sends may run or load; nothing may frame the page.
constexpr const char* kPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' "
    "data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

struct WebFile {
  std::string_view path;
  std::string_view type;
  const std::string_view& text;
};

const std::array<WebFile, 3> kFiles = {{
    {"/", "text/html; charset=utf-8", kIndexHtml},
    {"/style.css", "text/css; charset=utf-8", kStyleCss},
    {"/app.js", "text/javascript; charset=utf-8", kAppJs},
}};

}  // namespace

net::Response web_file(std::string_view path) {
  for (const WebFile& file : kFiles) {
    if (file.path != path) continue;
    net::Response response{.status = 200, .body = std::string(file.text)};
    response.headers.set("Content-Type", std::string(file.type));
    response.headers.set("Content-Security-Policy", kPolicy);
    response.headers.set("X-Content-Type-Options", "nosniff");
    response.headers.set("Cache-Control", "no-cache");
    return response;
  }
  return net::Response::text(404, "not found\n");
}

}  // namespace samovar::api
