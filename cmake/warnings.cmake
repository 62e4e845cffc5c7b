# Warning flags for our own targets; system headers are exempt through SYSTEM includes.
add_library(samovar_warnings INTERFACE)
target_compile_options(samovar_warnings INTERFACE
  -Wall -Wextra -Wno-missing-field-initializers -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor -Wundef
  $<$<BOOL:${SAMOVAR_WERROR}>:-Werror>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
