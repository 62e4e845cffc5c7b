// The memory reserve: blocks that are kept for the moment when operator new finds no memory.
//
// Libraries allocate where nothing may fail (JSON when it is destroyed, Asio while an exception
// passes): there std::bad_alloc would end the process. The handler of operator new gives one block
// after the other back to the heap, and new work is refused until all are here again. Thread: any.
// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace samovar {

// Makes the reserve; once, at the start of main. Without it, refill_memory_reserve() is true.
void install_memory_reserve() noexcept;
// Fills what was given away. False when there is no memory for it: take no new work.
bool refill_memory_reserve() noexcept;

}  // namespace samovar
