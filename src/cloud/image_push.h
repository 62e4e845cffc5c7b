// push_image(): an image in a file to a registry, layer by layer.
//
// What the registry has already is not sent again: a push that was broken off goes on with the
// layer where it ended. Thread: one. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "cloud/registry_client.h"

#include <functional>
#include <string>

namespace samovar::cloud {

struct PushWish {
  std::string image_file;   // as `docker save` writes it
  std::string work_folder;  // has room for the largest layer
};

// `say` gets a line for each layer. kInvalidArgument before anything is sent if the registry would
// send its users' passwords elsewhere.
Status push_image(const PushWish& wish, RegistryClient& registry,
                  const std::function<Status(const std::string&)>& say);

}  // namespace samovar::cloud
