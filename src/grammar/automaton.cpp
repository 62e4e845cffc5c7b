#include "grammar/automaton.h"

#include <algorithm>

namespace samovar::grammar {

size_t Automaton::memory_bytes() const {
  return states.capacity() * sizeof(State) + byte_edges.capacity() * sizeof(ByteEdge) +
         jumps.capacity() * sizeof(Jump) + counts.capacity() * sizeof(Count) + sizeof(Automaton);
}

const Count& Automaton::count_of(StateId s) const {
  const auto behind =
      std::upper_bound(counts.begin(), counts.end(), s,
                       [](StateId state, const Count& count) { return state < count.first; });
  return *(behind - 1);
}

// Each time reads a byte or could be left out, so `n_bytes` bytes are at most as many times.
StateId Automaton::far_from_bounds(StateId s, uint32_t n_bytes) const {
  if (!is_counting(s)) return s;
  const Count& count = count_of(s);
  const uint32_t n = s - count.first;
  if (n < count.min) return count.min - n > n_bytes ? count.first : s;
  const bool is_far = count.max != kNoMaximum && count.max - n > n_bytes;
  return is_far ? count.first + count.min : s;
}

}  // namespace samovar::grammar
