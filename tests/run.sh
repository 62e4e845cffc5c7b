#!/bin/sh
# Runs every test of a set and prints the counts last: tests/run.sh small|all|cluster
#
# A step that fails does not stop the others. Reports: build/results/*.xml (JUnit).
# SPDX-License-Identifier: Apache-2.0
set -u
cd "$(dirname "$0")/.." || exit 2
set_name=${1:?small, all or cluster}
results=$PWD/build/results
python=${SAMOVAR_VENV:-build/venv}/bin/python
started=$(date +%s)
failed=''
rm -rf "$results"
mkdir -p "$results"

skip() {  # NAME REASON
  echo "== $1: skipped: $2"
}

cpu_has() {  # FLAG
  grep -q "^flags.* $1\( \|\$\)" /proc/cpuinfo
}

# step NAME COMMAND...: runs it, says how long it took, remembers when it failed.
step() {
  name=$1
  shift
  echo "== $name"
  before=$(date +%s)
  "$@" || { failed="$failed $name"; echo "== $name FAILED"; }
  echo "== $name: $(($(date +%s) - before)) s"
}

run_unit_tests() {  # PRESET [ctest options]: the count of doctest cases is in the report
  preset=$1
  shift
  ctest --test-dir "build/$preset" --output-on-failure --test-output-size-passed 65536 \
    --no-tests=error -j "$(tools/jobs.sh)" --output-junit "$results/unit-$preset.xml" "$@"
}

unit_tests() {  # PRESET [ctest options]: build and run
  tools/build.sh "$1" && run_unit_tests "$@"
}

emulated_kernels() {
  tools/build.sh simde kernels_test && run_unit_tests simde -R '^kernels$'
}

python_tests() {  # FOLDER [pytest options]
  folder=$1
  shift
  "$python" -m pytest -c tests/pytest.ini "tests/$folder" --junitxml "$results/$folder.xml" "$@"
}

finish() {
  echo "== all steps: $(($(date +%s) - started)) s"
  exec "$python" tools/test_summary.py "$results" "$failed"
}

step 'release build' tools/build.sh release samovar
step 'python' tools/venv.sh
if [ "$set_name" = cluster ]; then
  step 'inputs' "$python" tests/golden/inputs.py cluster
  step 'tools of the cluster' tools/cluster_tools.sh
  step 'deploy' python_tests deploy
  step 'cluster' python_tests cluster --large
  finish
fi
step 'inputs' "$python" tests/golden/inputs.py "$set_name"
step 'unit tests, ASan + UBSan' unit_tests dev
if ! cpu_has avx2; then
  skip 'kernels through SIMDe' 'the emulated levels need a CPU with AVX2'
elif [ "$set_name" = small ] && cpu_has avx512_vnni; then
  skip 'kernels through SIMDe' 'this CPU has every level, and the unit tests ran them (make test-all emulates them too)'
else
  step 'kernels through SIMDe' emulated_kernels
fi
large=
if [ "$set_name" = all ]; then
  large=--large
  step 'unit tests, TSan' unit_tests tsan -R '^(base|sys|net|engine|api)$'
  step 'fuzz' tests/fuzz/run.sh 120
fi
step 'golden' python_tests golden $large
step 'faults' python_tests fault $large
# Two files at a time: most of these tests wait for something.
step 'e2e' python_tests e2e -n 2 --dist loadfile $large
[ "$set_name" = small ] || tools/deploy_tools.sh || skip 'tools of deploy' 'not all could be fetched'
step 'deploy' python_tests deploy
skip 'cluster' 'the image and the chart on a real Kubernetes are tested by make test-cluster'
if [ "$set_name" = small ]; then
  skip 'browser' 'the chat page in Chromium is tested by make test-all'
elif [ -z "${SAMOVAR_CHROMIUM:-$(command -v chromium || command -v chromium-browser || command -v google-chrome)}" ]; then
  skip 'browser' 'no Chromium here (tools/setup.sh all installs it; SAMOVAR_CHROMIUM names another)'
else
  step 'python of the browser' tools/venv.sh browser
  step 'browser' python_tests browser
fi

finish
