#!/bin/sh
# All lint scripts, one after the other; exit code 1 when any finds a problem.
# SPDX-License-Identifier: Apache-2.0
cd "$(dirname "$0")/../.." || exit 2
failed=0
for check in layers sizes symbols text format; do
  "tools/check_$check.py"
  case $? in 0 | 77) ;; *) failed=1 ;; esac
done
exit $failed
