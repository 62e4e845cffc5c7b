// The files of web/, compressed and embedded at build time (cmake/embed_files.cmake).
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

namespace samovar::api {

struct WebFile {
  std::string_view path;                // "/main.js"
  std::string_view sum;                 // start of the text's SHA-256
  std::span<const unsigned char> gzip;  // the text, compressed
  size_t n_bytes;                       // of the text
};

std::span<const WebFile> web_files();

}  // namespace samovar::api
