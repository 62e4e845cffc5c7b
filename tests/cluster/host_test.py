"""`samovar host setup` and `undo` on this machine: a zram device really made and really gone, every file as it was.

SPDX-License-Identifier: Apache-2.0
"""

import hashlib
import os
import stat
import subprocess
from pathlib import Path

import pytest

FOLDERS = ["/etc", "/var/lib/samovar-host"]
SYSCTLS = r"^(net\.bridge|net\.ipv4\.ip_forward|vm\.)"
CONTROL = Path("/sys/class/zram-control/hot_add")


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


def snapshot():
    paths = [os.path.join(folder, name) for top in FOLDERS for folder, folders, files in os.walk(top)
             for name in folders + files]
    sysctl = subprocess.run(["sysctl", "-a", "-r", SYSCTLS], capture_output=True, text=True).stdout
    return {"files": {path: file_facts(path) for path in paths},
            "sysctl": sysctl,
            "swaps": [line.split()[0] for line in Path("/proc/swaps").read_text().splitlines()],
            "devices": sorted(os.listdir("/sys/block"))}


def host(binary, *arguments):
    return subprocess.run([binary, "host", *arguments], check=True, capture_output=True, text=True).stdout


@pytest.mark.skipif(os.geteuid() != 0 or not CONTROL.exists(), reason="needs root and zram's hot_add")
def test_the_machine_is_as_it_was_after_undo(request):
    binary = request.config.getoption("--bin")
    if "zram" in Path("/proc/swaps").read_text() or Path("/var/lib/samovar-host/journal.json").exists():
        pytest.skip("this machine has zram swap, or is set up already")
    before = snapshot()
    assert "nothing is done yet" in host(binary, "setup")
    assert snapshot() == before
    try:
        host(binary, "setup", "--apply")
        during = snapshot()
        added = set(during["devices"]) - set(before["devices"])
        assert len(added) == 1 and f"/dev/{added.copy().pop()}" in during["swaps"]
        assert "/etc/modules-load.d/samovar.conf" in during["files"]
        assert "nothing to do" in host(binary, "setup", "--apply")
        assert snapshot() == during
    finally:
        told = host(binary, "undo", "--apply")
    assert "the machine is as it was" in told
    assert snapshot() == before
    assert "nothing to take back" in host(binary, "undo", "--apply")
