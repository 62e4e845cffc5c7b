#include "cli/environment.h"

#include "sys/file.h"

#include <algorithm>
#include <string_view>

extern char** environ;

namespace samovar::cli {
namespace {

constexpr uint64_t kMaxTokenBytes = 4096;

// A base folder of the XDG rules, `fallback` below the home folder when it is not set.
std::string base_folder(const Environment& environment, const char* name, const char* fallback) {
  if (const auto folder = environment.get(name); folder && folder->starts_with('/')) return *folder;
  return environment.get("HOME").value_or("/") + "/" + fallback;
}

std::string hub_home(const Environment& environment) {
  if (const auto home = environment.get("HF_HOME")) return *home;
  return base_folder(environment, "XDG_CACHE_HOME", ".cache") + "/huggingface";
}

std::string trimmed(std::string text) {
  const auto is_space = [](char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; };
  while (!text.empty() && is_space(text.back())) text.pop_back();
  text.erase(text.begin(), std::find_if_not(text.begin(), text.end(), is_space));
  return text;
}

// HF_TOKEN, else the file that `hf auth login` writes.
Secret hub_token(const Environment& environment) {
  if (const auto token = environment.get("HF_TOKEN")) return Secret(trimmed(*token));
  const std::string path =
      environment.get("HF_TOKEN_PATH").value_or(hub_home(environment) + "/token");
  auto token = sys::read_file(path, kMaxTokenBytes);
  return token.ok() ? Secret(trimmed(*token)) : Secret();
}

}  // namespace

Environment Environment::of_process() {
  std::map<std::string, std::string> values;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const size_t equals = text.find('=');
    if (equals == std::string_view::npos) continue;
    values.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return Environment(std::move(values));
}

std::optional<std::string> Environment::get(const std::string& name) const {
  const auto found = values_.find(name);
  if (found == values_.end() || found->second.empty()) return std::nullopt;
  return found->second;
}

bool Environment::is_on(const std::string& name) const {
  std::string text = get(name).value_or("");
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return text == "1" || text == "true" || text == "yes" || text == "on";
}

store::StoreOptions store_options(const Environment& environment) {
  store::StoreOptions options;
  options.cache_dir = environment.get("HF_HUB_CACHE").value_or(hub_home(environment) + "/hub");
  options.state_dir = base_folder(environment, "XDG_STATE_HOME", ".local/state") + "/samovar";
  const std::optional<std::string> catalog = environment.get("SAMOVAR_CATALOG");
  options.catalog_file = catalog.value_or(base_folder(environment, "XDG_CONFIG_HOME", ".config") +
                                          "/samovar/catalog.yaml");
  options.catalog_may_be_absent = !catalog;
  options.hf_endpoint = environment.get("HF_ENDPOINT").value_or(options.hf_endpoint);
  options.hf_token = hub_token(environment);
  for (const char* name : {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"}) {
    if (options.ca_file.empty()) options.ca_file = environment.get(name).value_or("");
  }
  options.extra_ca_file = environment.get("SAMOVAR_EXTRA_CA").value_or("");
  options.offline = environment.is_on("HF_HUB_OFFLINE");
  return options;
}

}  // namespace samovar::cli
