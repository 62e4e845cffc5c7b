#include "cli/local_llm.h"

#include "cli/output.h"
#include "store/hub.h"
#include "store/model_name.h"
#include "sys/process_list.h"

#include <algorithm>

#include <fmt/format.h>

namespace samovar::cli {
namespace {

constexpr std::string_view kMark = "RUN_BY_LOCALLLM=1";

}  // namespace

std::string LocalLlmModel::file() const {
  return filename.empty() ? store::customary_file(repo) : filename;
}

std::string LocalLlmModel::store_name() const {
  const std::string name = file();
  return fmt::format("hf:{}{}{}", repo, name.empty() ? "" : ":", name);
}

std::string future_path(const store::Cache& cache, const LocalLlmModel& model) {
  return fmt::format("{}/{}/snapshots/main/{}", cache.dir(), store::folder_of_repo(model.repo),
                     model.file());
}

LocalLlmModel model_of_path(std::string_view path) {
  for (size_t begin = 0; begin < path.size();) {
    const size_t end = std::min(path.find('/', begin), path.size());
    const std::string_view part = path.substr(begin, end - begin);
    if (auto repo = store::repo_of_folder(part); repo && end < path.size()) {
      // Behind it: snapshots/REVISION/FILE.
      std::string_view file = path.substr(end + 1);
      for (int i = 0; i < 2; ++i) file = file.substr(std::min(file.find('/') + 1, file.size()));
      return {*std::move(repo), std::string(file)};
    }
    begin = end + 1;
  }
  return {};
}

std::string LocalLlmServer::url() const {
  if (port.empty()) return {};
  const bool is_v6 = host.find(':') != std::string::npos && !host.starts_with('[');
  return is_v6 ? fmt::format("http://[{}]:{}", host, port)
               : fmt::format("http://{}:{}", host.empty() ? "127.0.0.1" : host, port);
}

std::vector<LocalLlmServer> local_llm_servers() {
  std::vector<LocalLlmServer> out;
  for (const sys::Process& process : sys::processes_with(kMark)) {
    const std::string path = process.variable("MODEL");
    LocalLlmModel model = model_of_path(path);
    out.push_back({.pid = process.pid,
                   .repo = std::move(model.repo),
                   .file = std::move(model.filename),
                   .path = path,
                   .started_unix_s = process.started_unix_s,
                   .host = process.argument_of("--host"),
                   .port = process.argument_of("--port")});
  }
  return out;
}

Status say_line(const std::string& line) {
  return write_stdout(line + "\n");
}

Status silent_failure() {
  return {Code::kInternal, ""};
}

}  // namespace samovar::cli
