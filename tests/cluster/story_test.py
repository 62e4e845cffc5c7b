"""From an empty machine to a chat in a cluster, and back: what is left of it is on a list.

The cluster is node.sh's, since k0s can't be had here; everything else is this machine's own.
SPDX-License-Identifier: Apache-2.0
"""

import os
import re
import shutil
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from harness import ROOT
from host_test import CONTROL
from machine_state import differences, whole_snapshot

MODEL = "smollm2:135m"
INSTALLED = Path("/usr/local/bin/samovar")
# What may be left, and why.
MAY_STAY = re.compile("|".join([
    "/usr/local/share/(man/man1|bash-completion(/completions)?): new",  # folders that programs share
    r"modules: \+ (br_netfilter|bridge|llc|stp|zram)",  # others may use them by now
    r"~/\.local(/state(/samovar(/wheels)?)?)?: new",  # empty folders
    # A lock that goes while another process opens it lets in two: Hugging Face's own client leaves them, too.
    r"~/models(/\.locks.*)?: new",
    r"~/\.rustup.*: new",  # pip asks a rustc for its version, which writes that
]))


@pytest.fixture
def home():
    """A home of a new user, which pods may read."""
    folder = Path(tempfile.mkdtemp(prefix="samovar-story-", dir="/var/tmp"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture
def run(home):
    """run(command...): with that home. RETURNS stdout."""
    environment = {**os.environ, "HOME": str(home), "HF_HUB_CACHE": str(home / "models"), "PREFIX": "/usr/local", "WITH_LINKS": "1"}
    environment.pop("XDG_STATE_HOME", None)

    def do(*command):
        done = subprocess.run(list(map(str, command)), env=environment, capture_output=True, text=True, timeout=600)
        assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
        return done.stdout

    return do


@pytest.mark.skipif(not CONTROL.exists(), reason="needs zram's hot_add")
def test_the_machine_is_as_it_was_after_the_whole_story(node, cluster, home, run):
    if INSTALLED.exists() or "zram" in Path("/proc/swaps").read_text():
        pytest.skip("samovar is installed here, or this machine has zram swap")
    folders = ["/etc", "/usr/local/bin", "/usr/local/share", "/var/lib/samovar-host", home]
    before = whole_snapshot(folders)
    with ExitStack() as undo:  # backwards, also after a failure in between
        run(ROOT / "tools/install.sh", "install")
        undo.callback(run, ROOT / "tools/install.sh", "uninstall")
        undo.callback(run, INSTALLED, "host", "undo", "--apply")
        run(INSTALLED, "host", "setup", "--apply")
        undo.callback(run, INSTALLED, "gc")
        undo.callback(run, INSTALLED, "rm", MODEL)
        run(INSTALLED, "pull", MODEL)
        undo.callback(node.output, INSTALLED, "cluster", "down", "--apply")
        up = node.output(INSTALLED, "cluster", *cluster.up, MODEL, f"--models={home}/models", "--ctx-size=1024",
                         "--memory=1G", "--monitoring=none", "--apply")
        url = next(line.split()[1] for line in up.splitlines() if line.startswith("API"))
        assert node.ask(url, "What is the capital of France?")
    left = [line.replace(str(home), "~") for line in differences(before, whole_snapshot(folders))]
    print("\n".join(["left of it:", *left]))
    assert [line for line in left if not MAY_STAY.fullmatch(line)] == []
