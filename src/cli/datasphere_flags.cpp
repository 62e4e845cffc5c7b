#include "cli/datasphere_flags.h"

#include "cli/output.h"

#include <chrono>
#include <cstdio>
#include <iostream>
#include <thread>

#include <fmt/format.h>

namespace samovar::cli {

void DatasphereFlags::declare(Flags& flags) {
  cloud_.declare(flags);
}

void DatasphereFlags::declare_urls(Flags& flags) {
  flags.add("--resource-manager", &urls_.resource_manager, "address of the Resource Manager API");
  flags.add("--registry-api", &urls_.registry, "address of the Container Registry API");
  flags.add("--operations", &urls_.operation, "address of the operations' API");
}

void DatasphereFlags::declare_record(Flags& flags) {
  flags.add("--record", &record_file_,
            "the file that remembers the nodes: the cloud has no public API that lists them");
}

Status DatasphereFlags::need_folder() const {
  if (!cloud_.folder().empty()) return {};
  return invalid_argument("--folder is missing: the id of the folder (or YC_FOLDER_ID)");
}

cloud::RestClient DatasphereFlags::rest(cloud::Credentials& credentials) const {
  cloud::CloudUrls urls = urls_;
  urls.iam = cloud_.iam_url();
  for (std::string* url : {&urls.iam, &urls.resource_manager, &urls.registry, &urls.operation}) {
    *url = cloud::without_slash(*url);
  }
  return {credentials, std::move(urls), cloud_.ca_file(), sleep_ms};
}

cloud::NodeWatch DatasphereFlags::watch(cloud::Credentials& credentials) const {
  return {credentials, cloud_.folder(), cloud_.node_api(), cloud_.ca_file()};
}

Result<cloud::DeploymentRecord> DatasphereFlags::record() const {
  return cloud::DeploymentRecord::load(record_file_);
}

Status DatasphereFlags::save(const cloud::DeploymentRecord& record) const {
  return record.save(record_file_);
}

void sleep_ms(int64_t ms) {
  std::this_thread::sleep_for(std::chrono::milliseconds(ms));
}

Status Terminal::tell(const std::string& text) {
  SAMOVAR_TRY(write_stdout(text));
  return {};
}

Result<std::string> Terminal::ask(const std::string& question) {
  SAMOVAR_TRY(write_stdout(question + ": "));
  std::string line;
  if (!std::getline(std::cin, line)) {
    return cancelled(fmt::format("no answer to `{}`: the input has ended", question));
  }
  while (!line.empty() && (line.back() == ' ' || line.back() == '\r')) line.pop_back();
  return line;
}

}  // namespace samovar::cli
