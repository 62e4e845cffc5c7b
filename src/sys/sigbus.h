// Which addresses are mapped files, and whether a read there found the file gone.
//
// A fixed table of atomics, because the SIGBUS handler reads it: no lock, no allocation. Known only
// to MappedFile and its handler. Thread: any.
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <optional>

namespace samovar::sys {

// Slot of the table that now watches [data, data + size_bytes); nothing when the table is full.
std::optional<size_t> watch_mapping(const std::byte* data, size_t size_bytes);
// REQUIRES: called before the mapping goes away.
void unwatch_mapping(size_t slot);
bool mapping_damaged(size_t slot);

}  // namespace samovar::sys
