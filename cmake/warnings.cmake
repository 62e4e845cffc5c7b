# Warning flags for our own targets; system headers are exempt through SYSTEM includes.
add_library(samovar_warnings INTERFACE)
target_compile_options(samovar_warnings INTERFACE
  -Wall -Wextra -Wno-missing-field-initializers -Wshadow -Wconversion -Wold-style-cast -Wnon-virtual-dtor -Wundef
  $<$<BOOL:${SAMOVAR_WERROR}>:-Werror>
  $<$<CXX_COMPILER_ID:Clang>:-Wthread-safety>)
# In a unity build each of our files is an included one, so GCC takes what it keeps to itself for a header's.
if(CMAKE_UNITY_BUILD AND CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
  target_compile_options(samovar_warnings INTERFACE -Wno-subobject-linkage)
endif()
