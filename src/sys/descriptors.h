// What a process is allowed, and given, of descriptors.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace samovar::sys {

// As many open files as the system allows: shells and services start with 1,024, which poll() and
// epoll do not need.
void raise_descriptor_limit();

// Takes the places of standard streams that were closed at the start, so that no socket or file
// gets them, and with them what is meant for a person. Reading and writing there fail as before.
void hold_standard_descriptors();

}  // namespace samovar::sys
