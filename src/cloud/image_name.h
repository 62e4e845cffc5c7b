// ImageName: an image as tools and consoles name it, "cr.yandex/crp.../localllm:latest".
//
// Source: https://github.com/distribution/reference. Thread: plain values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <string>
#include <string_view>

namespace samovar::cloud {

struct ImageName {
  std::string registry;    // host, with a port or without
  std::string repository;  // "crp.../localllm"
  std::string tag;         // "latest" where none is named

  // kInvalidArgument for one without a registry, with a digest, or with characters that no registry
  // takes.
  static Result<ImageName> parse(std::string_view text);
  std::string text() const;
};

// "localhost", "127.x.x.x" or "[::1]", with a port or without: asked without TLS, as docker does.
bool is_loopback(std::string_view registry);

}  // namespace samovar::cloud
