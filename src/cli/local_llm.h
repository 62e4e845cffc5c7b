// LocalLlm: what the commands of Google's local-llm have in common: names, files, running servers.
//
// That program and ours share the hub's cache, and know each other's servers by their environment:
// RUN_BY_LOCALLLM=1 and MODEL=PATH. Thread: plain functions.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "store/store.h"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace samovar::cli {

// What a command line names: a repository, and a file of it or its customary one.
struct LocalLlmModel {
  std::string repo;      // "TheBloke/saiga_mistral_7b-GGUF"
  std::string filename;  // of --filename; may be empty

  // The file that is meant: `filename`, else the customary one; empty if there is no such custom
  // for `repo`.
  std::string file() const;
  // How the store names it.
  std::string store_name() const;
};

// Where `file` of `repo` will lie, for whoever only reads repository and file off a path.
std::string future_path(const store::Cache& cache, const LocalLlmModel& model);

struct LocalLlmServer {
  int64_t pid = 0;
  std::string repo, file, path;
  int64_t started_unix_s = 0;
  std::string host, port;  // as its command line says; may be empty

  std::string url() const;  // empty where the port is unknown
};
// Of all users whose processes this one may look at, by pid.
std::vector<LocalLlmServer> local_llm_servers();
// Repository and file of a path in the hub's cache; both empty for other paths.
LocalLlmModel model_of_path(std::string_view path);

// Says `line` on stdout; scripts read it.
Status say_line(const std::string& line);
// The exit code is not 0, and all there is to say has been said.
Status silent_failure();

}  // namespace samovar::cli
