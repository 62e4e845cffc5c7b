"""`samovar serve` as a process, for the tests that talk to it.

SPDX-License-Identifier: Apache-2.0
"""

import os
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.request

import pytest

START_SECONDS = 30
STOP_SECONDS = 15


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """`samovar serve` as a process. Ended by its pid; what it logged is shown when it fails."""

    def __init__(self, binary, model, *options, env=None):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = tempfile.TemporaryFile()
        command = [binary, "serve", str(model), "--port", str(self.port), *map(str, options)]
        environment = {**os.environ, **(env or {})}
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT, env=environment)
        self.pid = self.process.pid

    def logged(self):
        self.log.seek(0)
        return self.log.read().decode("utf-8", "replace")

    def wait_until_ready(self):
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                pytest.fail(f"the server ended with {self.process.returncode}:\n{self.logged()}")
            if self.is_ready():
                return self
            time.sleep(0.02)
        self.stop()
        pytest.fail(f"not ready after {START_SECONDS} s:\n{self.logged()}")

    def is_ready(self):
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                return answer.status == 200
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            return False

    def stop(self):
        """SIGTERM, then waits for the end. RETURNS the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                pytest.fail(f"SIGTERM did not end the server within {STOP_SECONDS} s:\n{self.logged()}")
        return self.process.returncode
