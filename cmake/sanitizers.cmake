# One switch for the whole build: SAMOVAR_SANITIZE=address,undefined | thread | ...
if(SAMOVAR_SANITIZE)
  add_compile_options(-fsanitize=${SAMOVAR_SANITIZE} -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${SAMOVAR_SANITIZE})
  if(SAMOVAR_SANITIZE MATCHES "undefined")
    add_compile_options(-fno-sanitize-recover=undefined)
  endif()
  # GCC's manual: sanitizers raise its false positives (here: std::optional of a variant).
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    add_compile_options(-Wno-maybe-uninitialized)
  endif()
endif()
