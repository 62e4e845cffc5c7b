// RegistryTool: what only the docker (or podman, or nerdctl) on this machine can do for an image.
//
// Source: https://yandex.cloud/en/docs/container-registry/operations/authentication. Passwords go
// to the tool's standard input, never into its arguments. Thread: one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/secret.h"
#include "base/status.h"

#include <functional>
#include <string>
#include <vector>

namespace samovar::cloud {

class RegistryTool {
 public:
  // `say` gets each command line before it runs; a dry run ends there.
  RegistryTool(std::string program, bool dry_run, std::function<Status(const std::string&)> say)
      : program_(std::move(program)), dry_run_(dry_run), say_(std::move(say)) {}

  // `user`: iam or json_key, or whatever another registry wants.
  Status login(const std::string& registry, const std::string& user, const Secret& password);
  Status build(const std::string& folder, const std::string& image,
               const std::vector<std::string>& build_arguments);
  // `image` under the name `target`, with `stamp` listed among its models' tags.
  Status stamp(const std::string& image, const std::string& target, const std::string& stamp);
  // The image into the file `fd`, for push_image(). BORROWS it.
  Status save(const std::string& image, int fd);

 private:
  Status run(std::vector<std::string> arguments, const Secret& input = {}, int output_fd = -1);

  const std::string program_;
  const bool dry_run_;
  const std::function<Status(const std::string&)> say_;
};

}  // namespace samovar::cloud
