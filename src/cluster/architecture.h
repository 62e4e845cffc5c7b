// The CPU architecture of this machine, as container images and k0s name it.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace samovar::cluster {

#if defined(__x86_64__)
inline constexpr char kArchitecture[] = "amd64";
#elif defined(__aarch64__)
inline constexpr char kArchitecture[] = "arm64";
#else
#error "k0s is built for amd64 and arm64"
#endif

}  // namespace samovar::cluster
