#!/bin/sh
# Makes build/venv, the Python environment of the tests, from tests/requirements.txt. Does nothing when it
# is there and the list has not changed. SAMOVAR_VENV names another folder.
# SPDX-License-Identifier: Apache-2.0
set -eu
cd "$(dirname "$0")/.."
venv=${SAMOVAR_VENV:-build/venv}
stamp=$venv/requirements.sha256
wanted=$(sha256sum tests/requirements.txt)
[ "$(cat "$stamp" 2>/dev/null)" != "$wanted" ] || exit 0

. tools/free_disk.sh
size=$(sed -n 's/.*about \([0-9]*\) MB to download.*/\1/p' tests/requirements.txt)
echo "venv: $venv: Python packages of the tests, about $size MB to download"
require_free_mb . $((size * 5)) "the tests' Python packages"
rm -rf "$venv"
mkdir -p "$(dirname "$venv")"
python3 -m venv "$venv"
"$venv/bin/python" -m pip --disable-pip-version-check install -q --no-deps -r tests/requirements.txt
echo "$wanted" > "$stamp"
