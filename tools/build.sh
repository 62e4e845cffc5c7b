#!/bin/sh
# Configures a CMake preset and builds it: tools/build.sh PRESET [TARGET...]
# SPDX-License-Identifier: Apache-2.0
set -eu
cd "$(dirname "$0")/.."
preset=$1
shift

. tools/free_disk.sh
require_free_mb . 1500 "the $preset build"

options=
[ "$preset" != release ] || options='-DSAMOVAR_TESTS=OFF'
if command -v ccache >/dev/null 2>&1; then
  options="$options -DCMAKE_CXX_COMPILER_LAUNCHER=ccache"
  CCACHE_BASEDIR=$PWD  # one cache serves every checkout
  export CCACHE_BASEDIR
fi
log=build/configure-$preset.log
mkdir -p build
# shellcheck disable=SC2086  # a list of words
cmake --preset "$preset" $options > "$log" 2>&1 || { cat "$log" >&2; exit 1; }
exec cmake --build "build/$preset" -j "$(tools/jobs.sh)" ${1:+--target "$@"}
