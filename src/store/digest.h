// Digest: a SHA-256 as a type of its own, and the hasher that makes one.
//
// A Digest can only be made of 64 hexadecimal digits, so a path built from one stays where it
// should. Thread: plain values.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "base/status.h"

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace samovar::store {

class Digest {
 public:
  // "sha256:" and 64 digits, or the digits alone; lower case only, as registries write them.
  static Result<Digest> parse(std::string_view text);
  explicit Digest(const std::array<uint8_t, 32>& bytes) : bytes_(bytes) {}

  std::string hex() const;  // 64 lower-case digits
  friend bool operator==(const Digest&, const Digest&) = default;

 private:
  std::array<uint8_t, 32> bytes_;
};

class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(Sha256&&) noexcept;
  Sha256& operator=(Sha256&&) noexcept;

  void update(std::span<const std::byte> bytes);
  Digest finish();  // starts anew afterwards

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

Digest sha256(std::string_view bytes);

}  // namespace samovar::store
