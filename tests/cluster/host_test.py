"""`samovar host setup` and `undo` on this machine: a zram device really made and really gone, every file as it was.

SPDX-License-Identifier: Apache-2.0
"""

import os
import subprocess
from pathlib import Path

import pytest

from machine_state import snapshot

FOLDERS = ["/etc", "/var/lib/samovar-host"]
CONTROL = Path("/sys/class/zram-control/hot_add")


def host(binary, *arguments):
    return subprocess.run([binary, "host", *arguments], check=True, capture_output=True, text=True).stdout


@pytest.mark.skipif(os.geteuid() != 0 or not CONTROL.exists(), reason="needs root and zram's hot_add")
def test_the_machine_is_as_it_was_after_undo(request):
    binary = request.config.getoption("--bin")
    if "zram" in Path("/proc/swaps").read_text() or Path("/var/lib/samovar-host/journal.json").exists():
        pytest.skip("this machine has zram swap, or is set up already")
    before = snapshot(FOLDERS)
    assert "nothing is done yet" in host(binary, "setup")
    assert snapshot(FOLDERS) == before
    try:
        host(binary, "setup", "--apply")
        during = snapshot(FOLDERS)
        added = set(during["devices"]) - set(before["devices"])
        assert len(added) == 1 and f"/dev/{added.copy().pop()}" in during["swaps"]
        assert "/etc/modules-load.d/samovar.conf" in during["files"]
        assert "nothing to do" in host(binary, "setup", "--apply")
        assert snapshot(FOLDERS) == during
    finally:
        told = host(binary, "undo", "--apply")
    assert "the machine is as it was" in told
    assert snapshot(FOLDERS) == before
    assert "nothing to take back" in host(binary, "undo", "--apply")
