#include "cli/ollama_port.h"

#include <charconv>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

// Takes `prefix` off the beginning of `text`. RETURNS whether it was there.
bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

Result<OllamaAddress> parse_ollama_host(std::string_view text) {
  const std::string whole(text);
  OllamaAddress out;
  if (take(text, "http://")) out.port = 80;
  if (take(text, "https://")) {
    return invalid_argument(fmt::format("OLLAMA_HOST={}: this server speaks plain HTTP", whole));
  }
  text = text.substr(0, text.find('/'));
  const size_t bracket = text.find(']');
  const size_t colon = text.rfind(':');
  const bool has_port =
      colon != std::string_view::npos &&
      (bracket == std::string_view::npos ? text.find(':') == colon : colon > bracket);
  std::string_view host = text.substr(0, has_port ? colon : text.size());
  if (take(host, "[") && host.ends_with(']')) host.remove_suffix(1);
  if (!host.empty()) out.host = std::string(host);
  if (!has_port) return out;
  const std::string_view port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
  if (error != std::errc() || end != port.data() + port.size()) {
    return invalid_argument(fmt::format("OLLAMA_HOST={}: expected [http://]host[:port]", whole));
  }
  return out;
}

void OllamaPort::declare(Flags& flags) {
  flags.add("--ollama", &wanted, "listen where Ollama does too: OLLAMA_HOST, or 127.0.0.1:11434");
  flags.add("--as-ollama", &by_name,
            "as the program of that name: --ollama, and OLLAMA_HOST may be open to everybody "
            "without a key");
  flags.add("--ollama-version", &version, "the version that Ollama's clients hear");
}

Result<OllamaAddress> OllamaPort::address(const Environment& environment) const {
  return parse_ollama_host(environment.get("OLLAMA_HOST").value_or(""));
}

}  // namespace samovar::cli
