# Everything comes from Debian 12 packages (tools/packages.txt lists them).
find_package(Threads REQUIRED)
find_package(fmt REQUIRED)
find_package(nlohmann_json REQUIRED)
find_package(OpenSSL REQUIRED)
find_package(CURL REQUIRED)
find_package(ZLIB REQUIRED)
find_package(Boost 1.81 REQUIRED)

find_path(SPDLOG_INCLUDE_DIR spdlog/spdlog.h REQUIRED)
add_library(spdlog_headers INTERFACE)   # header-only: Debian has no static spdlog
target_include_directories(spdlog_headers SYSTEM INTERFACE ${SPDLOG_INCLUDE_DIR})
target_compile_definitions(spdlog_headers INTERFACE SPDLOG_FMT_EXTERNAL SPDLOG_NO_EXCEPTIONS)
target_link_libraries(spdlog_headers INTERFACE fmt::fmt)

# samovar_external(TARGET header lib): an imported interface target from a header and a library.
function(samovar_external target header lib)
  find_path(${target}_INCLUDE ${header} REQUIRED)
  find_library(${target}_LIBRARY ${lib} REQUIRED)
  add_library(${target} INTERFACE)
  target_include_directories(${target} SYSTEM INTERFACE ${${target}_INCLUDE})
  target_link_libraries(${target} INTERFACE ${${target}_LIBRARY})
endfunction()
samovar_external(utf8proc utf8proc.h utf8proc)
samovar_external(edit histedit.h edit)
samovar_external(yaml-cpp yaml-cpp/yaml.h yaml-cpp)
samovar_external(prometheus prometheus/registry.h prometheus-cpp-core)
# Statically: the shared one loads libxml2 and ICU, 34 MB, at every start (docs/decisions/0002).
samovar_external(archive archive.h libarchive.a)
target_link_libraries(archive INTERFACE nettle zstd lzma bz2 z)
target_link_options(archive INTERFACE -Wl,--gc-sections)   # drops its writer of xar, which wants libxml2
find_path(CLI11_INCLUDE_DIR CLI/CLI.hpp REQUIRED)

if(SAMOVAR_SIMDE)
  find_path(SIMDE_INCLUDE_DIR simde/x86/avx512.h REQUIRED)   # header-only, a system path in Debian
endif()
if(SAMOVAR_TESTS)
  find_path(DOCTEST_INCLUDE_DIR doctest/doctest.h REQUIRED)
endif()
