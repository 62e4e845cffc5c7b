#include "cloud/node_target.h"

#include "net/url.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::cloud {
namespace {

constexpr const char* kAliasPrefix = "datasphere.user.";

}  // namespace

Status check_identifier(std::string_view flag, const std::string& text) {
  const bool fits =
      std::all_of(text.begin(), text.end(), [](unsigned char c) { return c > ' ' && c < 0x7f; });
  if (!text.empty() && fits) return {};
  return invalid_argument(
      fmt::format("{}: expected an identifier as the console shows it, found `{}`", flag, text));
}

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

Result<NodeTarget> NodeTarget::from_flags(const std::string& node, const std::string& alias,
                                          const std::string& folder, const std::string& url) {
  if (node.empty() == alias.empty()) {
    return invalid_argument("expected either --node ID or --alias NAME");
  }
  NodeTarget target;
  target.kind = node.empty() ? Kind::kAlias : Kind::kNode;
  SAMOVAR_TRY(check_identifier(node.empty() ? "--alias" : "--node", node.empty() ? alias : node));
  SAMOVAR_TRY(check_identifier("--folder", folder));
  target.id = node;
  if (node.empty()) {
    target.id = alias.find('.') == std::string::npos ? kAliasPrefix + alias : alias;
  }
  target.folder = folder;
  target.url = without_slash(url);
  auto parsed = net::Url::parse(target.url);
  if (!parsed.ok()) return parsed.status().with_context("--node-api");
  if (parsed->scheme() != "https" && parsed->scheme() != "http") {
    return invalid_argument("--node-api: expected https://...");
  }
  return target;
}

net::Headers NodeTarget::headers() const {
  return {{kind == Kind::kNode ? "x-node-id" : "x-node-alias", id}, {"x-folder-id", folder}};
}

}  // namespace samovar::cloud
