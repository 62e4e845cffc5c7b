#!/bin/sh
# Fuzzes every target (or those named) for some seconds each: tests/fuzz/run.sh SECONDS [gguf ...]
#
# Starts from tests/fuzz/corpus/NAME. New inputs stay in build/fuzz/corpus/NAME, an input that makes a
# report in build/fuzz/findings: put it into the corpus together with the fix.
# SPDX-License-Identifier: Apache-2.0
set -eu
cd "$(dirname "$0")/../.."
seconds=${1:?seconds for each target}
shift
corpus=$PWD/tests/fuzz/corpus

tools/build.sh fuzz fuzz_targets
targets=${*:-$(cd tests/fuzz && ls fuzz_*.cpp | sed 's/^fuzz_//; s/\.cpp$//')}
mkdir -p build/fuzz/findings
failed=''
for name in $targets; do
  mkdir -p "build/fuzz/corpus/$name"
  echo "fuzz $name: $seconds s"
  log=build/fuzz/$name.log
  binary=$(find build/fuzz -name "fuzz_$name" -type f -perm -u+x | head -n 1)
  if "$binary" -max_total_time="$seconds" -rss_limit_mb=4096 -timeout=10 -print_final_stats=1 \
      -artifact_prefix="build/fuzz/findings/$name-" "build/fuzz/corpus/$name" "$corpus/$name" > "$log" 2>&1
  then grep -E 'number_of_executed_units' "$log" || true
  else
    failed="$failed $name"
    tail -n 40 "$log"
  fi
done
[ -z "$failed" ] || { echo "fuzz: reports in:$failed (build/fuzz/findings)"; exit 1; }
