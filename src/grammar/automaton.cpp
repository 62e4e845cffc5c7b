#include "grammar/automaton.h"

namespace samovar::grammar {

size_t Automaton::memory_bytes() const {
  return states.capacity() * sizeof(State) + byte_edges.capacity() * sizeof(ByteEdge) +
         jumps.capacity() * sizeof(Jump) + sizeof(Automaton);
}

}  // namespace samovar::grammar
