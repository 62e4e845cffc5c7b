// write_image(): the running program as a container image, without docker.
//
// The same content as deploy/docker/Dockerfile makes: the program, the shared libraries that this
// process has loaded, CA certificates, and the few files by which the C library finds names. The
// form is that of `docker save` (moby: image/spec/v1.2.md). THREAD: one.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <string>
#include <vector>

namespace samovar::cluster {

struct ImageFiles {
  std::string program;                 // becomes /usr/bin/samovar
  std::vector<std::string> libraries;  // keep their paths
  std::string certificates = "/etc/ssl/certs/ca-certificates.crt";
};
// Of this process.
Result<ImageFiles> own_image_files();

// `tag`: "localhost/samovar:0.1.0". kNotFound names a file that is missing.
Status write_image(const std::string& path, const std::string& tag, const ImageFiles& files);

}  // namespace samovar::cluster
