// SavedImage: an image as `docker save` writes it, and `podman save`, and samovar's own
// `cluster image`: a tar file with manifest.json, a configuration and layers.
//
// Source: https://github.com/moby/docker-image-spec, "Combined Image JSON + Filesystem Changeset
// Format". BORROWS the file at `path`. Thread: one. SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"
#include "store/archive_reader.h"

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace samovar::cloud {

class SavedImage {
 public:
  // kCorrupt for what is no such file, kInvalidArgument for one with several images.
  static Result<SavedImage> open(const std::string& path);

  const std::string& config() const { return config_; }  // JSON
  size_t n_layers() const { return layers_.size(); }

  // Gives each layer with its index and size, in the order of the file; `visit` reads it. A layer
  // that is there twice is given once, with its first index.
  using Visit = std::function<Status(size_t index, uint64_t size_bytes, store::ArchiveReader&)>;
  Status each_layer(const Visit& visit) const;
  // The index of the layer whose bytes layer `index` has; most often that itself.
  size_t same_as(size_t index) const;

 private:
  std::string path_;
  std::string config_;
  std::vector<std::string> layers_;  // names of members, links followed
};

}  // namespace samovar::cloud
