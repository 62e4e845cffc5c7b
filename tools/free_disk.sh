# Sourced: require_free_mb FOLDER MEGABYTES WHAT stops the script when FOLDER's disk has less free space.
# SPDX-License-Identifier: Apache-2.0
require_free_mb() {
  free_mb=$(df -Pk "$1" | awk 'NR == 2 { printf "%.0f", $4 / 976.5625 }')
  if [ "$free_mb" -lt "$2" ]; then
    echo "not enough disk for $3: $2 MB needed in $(cd "$1" && pwd), $free_mb MB free" >&2
    exit 1
  fi
}
