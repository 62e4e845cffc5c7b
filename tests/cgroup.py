"""A cgroup of its own for one process: for tests and benchmarks of limits. Needs root; v1 or v2.

SPDX-License-Identifier: Apache-2.0
"""

import os
import time
from pathlib import Path

MOUNT = Path("/sys/fs/cgroup")
PERIOD_US = 100_000
ENTER = 'for file in $CGROUP_PROCS; do echo $$ > "$file" || exit 126; done; exec "$@"'


def is_v2():
    return (MOUNT / "cgroup.controllers").exists()


def is_possible():
    """Whether this process may make cgroups that limit memory and CPU."""
    folders = [MOUNT] if is_v2() else [MOUNT / "memory", MOUNT / "cpu"]
    return os.geteuid() == 0 and all(os.access(folder / "cgroup.procs", os.W_OK) for folder in folders)


def fields(text):
    """"name 7" lines as a dictionary."""
    return {name: int(value) for name, value in (line.split()[:2] for line in text.splitlines())}


def oom_kills(folder):
    """In the cgroup of that folder of the memory controller alone."""
    return fields((folder / ("memory.events" if is_v2() else "memory.oom_control")).read_text())["oom_kill"]


def memory_folder(name):
    """Of the cgroup of that name, for the memory controller."""
    return MOUNT / name if is_v2() else MOUNT / "memory" / name


def limit_memory(folder, n_bytes):
    """None: no limit."""
    file, none = ("memory.max", "max") if is_v2() else ("memory.limit_in_bytes", "-1")
    (folder / file).write_text(none if n_bytes is None else str(n_bytes))


def memory_in_use(folder):
    """B that processes below have of their own, or map of files; each page counts where it was first touched."""
    stat = fields((folder / "memory.stat").read_text())
    return stat["anon"] + stat["file_mapped"] if is_v2() else stat["total_rss"] + stat["total_mapped_file"]


def memory_held(folder):
    """B in use that can't be given up: all but what is cached of files."""
    stat = fields((folder / "memory.stat").read_text())
    used, prefix = ("memory.current", "") if is_v2() else ("memory.usage_in_bytes", "total_")
    return int((folder / used).read_text()) - stat[f"{prefix}active_file"] - stat[f"{prefix}inactive_file"]


class Cgroup:
    """From its construction to close(). Limits: bytes of memory, cores of CPU time; None: none."""

    def __init__(self, name, memory_bytes=None, cores=None):
        self.is_v2 = is_v2()
        if self.is_v2:
            (MOUNT / "cgroup.subtree_control").write_text("+memory +cpu")
            self.cpu = MOUNT / name
        else:
            self.cpu = MOUNT / "cpu" / name
        self.memory = memory_folder(name)
        for folder in self.folders():
            folder.mkdir()
        if memory_bytes is not None:
            limit_memory(self.memory, memory_bytes)
        if cores is not None:
            self.set_cores(cores)

    def folders(self):
        return list(dict.fromkeys([self.memory, self.cpu]))

    def set_cores(self, cores):
        quota_us = int(cores * PERIOD_US)
        if self.is_v2:
            (self.cpu / "cpu.max").write_text(f"{quota_us} {PERIOD_US}")
        else:
            (self.cpu / "cpu.cfs_period_us").write_text(str(PERIOD_US))
            (self.cpu / "cpu.cfs_quota_us").write_text(str(quota_us))

    def come_first(self):
        """Before all neighbours where CPU time is short: for measurements."""
        (self.cpu / ("cpu.weight" if self.is_v2 else "cpu.shares")).write_text("10000" if self.is_v2 else "262144")

    def command(self, command):
        """The same command, which puts itself into the cgroup first. It needs environment()."""
        return ["sh", "-c", ENTER, "sh", *map(str, command)]

    def environment(self):
        return {"CGROUP_PROCS": " ".join(str(folder / "cgroup.procs") for folder in self.folders())}

    def oom_kills(self):
        return oom_kills(self.memory)

    def cpu_periods(self):
        """RETURNS (all, throttled) since the beginning."""
        stat = fields((self.cpu / "cpu.stat").read_text())
        return stat["nr_periods"], stat["nr_throttled"]

    def close(self):
        """Once all its processes have ended: the kernel takes a moment to see that."""
        for folder in self.folders():
            for patience in range(50, -1, -1):
                try:
                    folder.rmdir()
                    break
                except OSError:
                    if patience == 0:
                        raise
                    time.sleep(0.1)
