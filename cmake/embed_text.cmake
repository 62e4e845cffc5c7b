# embed_text(FILE NAMESPACE NAME OUTPUT): writes OUTPUT, which defines std::string_view NAMESPACE::NAME
# with the text of FILE. Configured anew when FILE changes.
function(embed_text file namespace name output)
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${file})
  file(READ ${file} EMBED_TEXT)
  set(EMBED_NAMESPACE ${namespace})
  set(EMBED_NAME ${name})
  configure_file(${CMAKE_SOURCE_DIR}/cmake/embed_text.cpp.in ${output} @ONLY)
endfunction()
