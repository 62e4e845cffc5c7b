"""What a machine looks like: to compare before and after.

SPDX-License-Identifier: Apache-2.0
"""

import hashlib
import os
import stat
import subprocess
from pathlib import Path

SYSCTLS = r"^(net\.bridge|net\.ipv4\.ip_forward|vm\.)"


def file_facts(path):
    """What must be the same again: kind, rights, owner, time of the change, content."""
    facts = os.lstat(path)
    if stat.S_ISLNK(facts.st_mode):
        content = os.readlink(path)
    elif stat.S_ISREG(facts.st_mode):
        content = hashlib.sha256(Path(path).read_bytes()).hexdigest()
    else:
        return facts.st_mode, facts.st_uid, facts.st_gid
    return facts.st_mode, facts.st_uid, facts.st_gid, facts.st_mtime_ns, content


def said(*command):
    return subprocess.run(command, capture_output=True, text=True).stdout


def snapshot(folders):
    paths = [os.path.join(folder, name) for top in folders for folder, inner, files in os.walk(top) for name in inner + files]
    return {"files": {path: file_facts(path) for path in paths},
            "sysctl": said("sysctl", "-a", "-r", SYSCTLS),
            "swaps": [line.split()[0] for line in Path("/proc/swaps").read_text().splitlines()],
            "devices": sorted(os.listdir("/sys/block"))}


def whole_snapshot(folders):
    """Units, mounts, packet filter and modules too."""
    modules = Path("/proc/modules")  # not there where the kernel has none
    rules = [line.split(" [")[0] for line in said("iptables-save").splitlines() if not line.startswith("#")]  # without counters
    return {**snapshot(folders),
            "units": said("systemctl", "list-unit-files", "--no-legend", "--no-pager"),
            "mounts": sorted(line.split()[4] for line in Path("/proc/self/mountinfo").read_text().splitlines()),
            "iptables": rules,
            "modules": sorted(line.split()[0] for line in modules.read_text().splitlines()) if modules.exists() else []}


def differences(before, after):
    """One line for each thing that is not as it was."""
    lines = []
    for what, old in before.items():
        new = after[what]
        if what == "files":
            for path in sorted({*old, *new}):
                if old.get(path) != new.get(path):
                    lines.append(f"{path}: {'new' if path not in old else 'gone' if path not in new else 'changed'}")
        elif old != new:
            as_list = lambda value: value.splitlines() if isinstance(value, str) else value
            lines += [f"{what}: {sign} {line}" for sign, some, others in (("-", old, new), ("+", new, old))
                      for line in as_list(some) if line not in as_list(others)]
    return lines
