#!/bin/sh
# Prints how many compilers may run at once: the cores this process may use, but no more than one for
# each GB of memory that is free now (the largest units take about 0.6 GB under a sanitizer).
# SPDX-License-Identifier: Apache-2.0
set -eu
cores=$(nproc)
memory=$(awk '/^MemAvailable:/ { print int($2 / 1000000) }' /proc/meminfo)
limit=$(cat /sys/fs/cgroup/memory.max 2>/dev/null || echo max)
if [ "$limit" != max ] && [ $((limit / 1000000000)) -lt "$memory" ]; then
  memory=$((limit / 1000000000))
fi
jobs=$((cores < memory ? cores : memory))
echo $((jobs > 1 ? jobs : 1))
