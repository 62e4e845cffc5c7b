#!/bin/sh
# Makes build/venv, the Python environment of the tests, from tests/requirements.txt; with `browser` also from
# tests/browser/requirements.txt. Does nothing when it is there and the lists have not changed. SAMOVAR_VENV names
# another folder.
# SPDX-License-Identifier: Apache-2.0
set -eu
cd "$(dirname "$0")/.."
venv=${SAMOVAR_VENV:-build/venv}
. tools/free_disk.sh

# up_to_date LIST STAMP: whether STAMP was written for LIST as it is.
up_to_date() {
  [ "$(cat "$2" 2>/dev/null)" = "$(sha256sum "$1")" ]
}

# install LIST STAMP WHAT
install() {
  size=$(sed -n 's/.*about \([0-9]*\) MB to download.*/\1/p' "$1")
  echo "venv: $venv: Python packages of $3, about $size MB to download"
  require_free_mb . $((size * 5)) "Python packages of $3"
  [ -x "$venv/bin/python" ] || python3 -m venv "$venv"
  "$venv/bin/python" -m pip --disable-pip-version-check install -q --no-deps -r "$1"
  sha256sum "$1" > "$2"
}

if ! up_to_date tests/requirements.txt "$venv/requirements.sha256"; then
  rm -rf "$venv"
  mkdir -p "$(dirname "$venv")"
  install tests/requirements.txt "$venv/requirements.sha256" 'the tests'
fi
if [ "${1:-}" = browser ] && ! up_to_date tests/browser/requirements.txt "$venv/browser.sha256"; then
  install tests/browser/requirements.txt "$venv/browser.sha256" 'the browser tests'
fi
