#include "cloud/registry_tool.h"

#include "cloud/tool_run.h"

#include <utility>

#include <fmt/format.h>

namespace samovar::cloud {

Status RegistryTool::run(std::vector<std::string> arguments, const Secret& input, int output_fd) {
  arguments.insert(arguments.begin(), program_);
  std::string line = "+";
  for (const std::string& word : arguments) line += " " + word;
  SAMOVAR_TRY(say_(line + "\n"));
  return dry_run_ ? Status() : tool_run(arguments, input, output_fd);
}

Status RegistryTool::login(const std::string& registry, const std::string& user,
                           const Secret& password) {
  return run({"login", "--username", user, "--password-stdin", registry}, password);
}

Status RegistryTool::build(const std::string& folder, const std::string& image,
                           const std::vector<std::string>& build_arguments) {
  // DataSphere's nodes are amd64, whatever this machine is.
  std::vector<std::string> arguments = {"build", "--platform", "linux/amd64", "-t", image};
  for (const std::string& each : build_arguments) {
    arguments.insert(arguments.end(), {"--build-arg", each});
  }
  arguments.push_back(folder);
  return run(std::move(arguments));
}

Status RegistryTool::stamp(const std::string& image, const std::string& target,
                           const std::string& stamp) {
  const std::string dockerfile = fmt::format("FROM {}\nENV SAMOVAR_TAGS={}\n", image, stamp);
  return run({"build", "--platform", "linux/amd64", "-t", target, "-"}, Secret(dockerfile));
}

Status RegistryTool::save(const std::string& image, int fd) {
  return run({"save", image}, {}, fd);
}

}  // namespace samovar::cloud
