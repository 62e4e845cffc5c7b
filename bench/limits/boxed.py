"""A server, or another command of samovar, inside a cgroup.

SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import shutil
import subprocess
from contextlib import contextmanager
from pathlib import Path

from cgroup import Cgroup
from server_process import ServerProcess

START_SECONDS = 300
MIB = 1 << 20


@contextmanager
def copy_of(model, folder):
    """A copy of the model's file, none of which is in the page cache."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    copy = Path(folder) / f"{os.getpid()}-{Path(model).name}"
    shutil.copyfile(model, copy)
    with open(copy, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    try:
        yield copy
    finally:
        copy.unlink()


class Box:
    """A cgroup and what runs in it."""

    def __init__(self, **limits):
        self.cgroup = Cgroup(f"samovar-limits-{os.getpid()}", **limits)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.cgroup.close()

    def run(self, *command):
        """RETURNS the finished process."""
        environment = {**os.environ, **self.cgroup.environment()}
        return subprocess.run(self.cgroup.command(command), env=environment, capture_output=True, text=True)

    def plan(self, binary, model, *arguments):
        """As `samovar plan --json` inside the limit."""
        process = self.run(binary, "plan", model, "--json", *arguments)
        if process.returncode != 0:
            raise SystemExit(process.stderr)
        return json.loads(process.stdout)

    @contextmanager
    def server(self, binary, model, *arguments):
        command = self.cgroup.command([binary, "serve", model, *arguments])
        server = ServerProcess.of_command(command, "/readyz", env=self.cgroup.environment())
        try:
            yield server.wait_until_ready(start_seconds=START_SECONDS)
        finally:
            server.stop()


def peak_mib(server):
    return server.peak_bytes() / MIB
