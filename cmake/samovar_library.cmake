# samovar_library(NAME SOURCES a.cpp ... [HEAVY b.cpp ...] [DEPS base ...] [LIBS external ...]
#                 [TESTS a_test.cpp ...] [DATA_TESTS b_test.cpp ...] [TEST_DEPS ...])
#
# One static library per folder of src/ and one doctest binary NAME_test beside it.
# Our headers are found by "..." only (-iquote): <sys/file.h> stays the system's.
# HEAVY sources share a job pool (Boost, curl, JSON). DATA_TESTS are told where tests/golden/data is;
# only they, since the place differs between checkouts and a compiler cache should serve all of them.
function(samovar_library name)
  cmake_parse_arguments(ARG "" "" "SOURCES;HEAVY;DEPS;LIBS;TESTS;DATA_TESTS;TEST_DEPS" ${ARGN})
  add_library(samovar_${name} STATIC ${ARG_SOURCES})
  target_compile_options(samovar_${name} PUBLIC "SHELL:-iquote ${CMAKE_SOURCE_DIR}/src")
  list(TRANSFORM ARG_DEPS PREPEND samovar_)
  target_link_libraries(samovar_${name} PUBLIC ${ARG_DEPS} ${ARG_LIBS} PRIVATE samovar_warnings)
  if(ARG_HEAVY)
    add_library(samovar_${name}_heavy OBJECT ${ARG_HEAVY})
    target_compile_options(samovar_${name}_heavy PRIVATE "SHELL:-iquote ${CMAKE_SOURCE_DIR}/src")
    target_link_libraries(samovar_${name}_heavy PRIVATE ${ARG_DEPS} ${ARG_LIBS} samovar_warnings)
    set_property(TARGET samovar_${name}_heavy PROPERTY JOB_POOL_COMPILE heavy)
    target_sources(samovar_${name} PRIVATE $<TARGET_OBJECTS:samovar_${name}_heavy>)
  endif()
  if(SAMOVAR_TESTS AND ARG_TESTS)
    list(TRANSFORM ARG_TEST_DEPS PREPEND samovar_)
    add_executable(${name}_test ${ARG_TESTS} ${ARG_DATA_TESTS} $<TARGET_OBJECTS:doctest_main>)
    target_link_libraries(${name}_test PRIVATE samovar_${name} ${ARG_TEST_DEPS} samovar_warnings)
    if(ARG_DATA_TESTS)
      set_property(SOURCE ${ARG_DATA_TESTS} APPEND PROPERTY COMPILE_DEFINITIONS
        SAMOVAR_TEST_DATA="${CMAKE_SOURCE_DIR}/tests/golden/data")
    endif()
    add_test(NAME ${name} COMMAND ${name}_test)
    set_tests_properties(${name} PROPERTIES LABELS unit SKIP_RETURN_CODE 77 TIMEOUT 1800)
  endif()
endfunction()
