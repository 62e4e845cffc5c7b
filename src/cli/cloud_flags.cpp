#include "cli/cloud_flags.h"

#include "base/clock.h"

namespace samovar::cli {
namespace {

// An IAM token begins with "t1."; what begins so is an OAuth token, which stands for a person.
bool is_oauth_token(const std::string& token) {
  return token.size() > 3 && token[0] == 'y' && token[1] >= '0' && token[1] <= '3' &&
         token[2] == '_';
}

}  // namespace

void CloudFlags::declare(Flags& flags) {
  flags.add("--key", &key_file_,
            "a service account's key.json, as `yc iam key create` writes it; without it: the "
            "token in YC_TOKEN, or the API key in YC_API_KEY");
  flags.also_from("YC_SERVICE_ACCOUNT_KEY_FILE");
  flags.add("--metadata", &metadata_, "the token of the virtual machine that this runs on");
  flags.add("--folder", &folder_, "the id of the folder in the cloud");
  flags.also_from("YC_FOLDER_ID");
  flags.add("--iam", &iam_url_, "address of the IAM service");
  flags.add("--metadata-url", &metadata_url_, "address of the metadata service");
  flags.add("--ca-file", &ca_file_, "certificate authorities (PEM) in the place of the system's");
}

void CloudFlags::declare_target(Flags& flags) {
  flags.add("--node", &node_, "the id of a node");
  flags.add("--alias", &alias_, "the name of an alias");
  declare_node_api(flags);
}

void CloudFlags::declare_node_api(Flags& flags) {
  flags.add("--node-api", &node_api_, "address of the node API");
}

Result<std::unique_ptr<cloud::TokenSource>> CloudFlags::source(
    const Environment& environment) const {
  if (metadata_) return cloud::metadata_source(cloud::without_slash(metadata_url_));
  const cloud::IamOptions iam{cloud::without_slash(iam_url_), ca_file_};
  if (!key_file_.empty()) return cloud::key_file_source(key_file_, iam, system_clock());
  if (const auto token = environment.get("YC_TOKEN")) {
    if (is_oauth_token(*token)) return cloud::oauth_source(Secret(*token), iam, system_clock());
    return cloud::fixed_source("Bearer", Secret(*token));
  }
  if (const auto key = environment.get("YC_API_KEY")) {
    return cloud::fixed_source("Api-Key", Secret(*key));
  }
  return invalid_argument(
      "no credentials: expected --key key.json, --metadata, or YC_TOKEN or YC_API_KEY in the "
      "environment");
}

Result<std::unique_ptr<cloud::Credentials>> CloudFlags::credentials(
    const Environment& environment) const {
  SAMOVAR_ASSIGN(std::unique_ptr<cloud::TokenSource> tokens, source(environment));
  return std::make_unique<cloud::Credentials>(std::move(tokens), system_clock());
}

Result<cloud::NodeTarget> CloudFlags::target() const {
  return cloud::NodeTarget::from_flags(node_, alias_, folder_, node_api_);
}

}  // namespace samovar::cli
