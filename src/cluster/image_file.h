// image_in_file(): how the image in a tar file is called, asked before anything is installed.
//
// The form is that of `docker save` (moby: image/spec/v1.2.md). THREAD: one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <string>

namespace samovar::cluster {

// The name that containerd gives the image of `path` when it imports it: `wished` where the file
// has it, else the file's only one, in full ("docker.io/library/coder:1"). kCorrupt for a file that
// is missing or no image, kInvalidArgument, with what was found, for no name or several.
Result<std::string> image_in_file(const std::string& path, const std::string& wished);

}  // namespace samovar::cluster
