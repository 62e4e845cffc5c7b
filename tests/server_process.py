"""`samovar serve` as a process: for tests, and for benchmarks that have no pytest.

SPDX-License-Identifier: Apache-2.0
"""

import http.client
import os
import signal
import socket
import subprocess
import tempfile
import time

START_SECONDS = 60
STOP_SECONDS = 15


class ServerFailed(Exception):
    """The server did not start or end as it should; the text holds what it logged."""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class ServerProcess:
    """Runs from its construction to stop(), which ends it by its pid."""

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

    def wait_until_ready(self, poll_seconds=0.02):
        """RETURNS the server itself, once /readyz answers 200."""
        deadline = time.monotonic() + START_SECONDS
        while not self.is_ready():
            if self.process.poll() is not None:
                raise ServerFailed(f"the server ended with {self.process.returncode}:\n{self.logged()}")
            if time.monotonic() > deadline:
                self.stop()
                raise ServerFailed(f"not ready after {START_SECONDS} s:\n{self.logged()}")
            time.sleep(poll_seconds)
        return self

    def is_ready(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def stop(self):
        """SIGTERM, then waits for the end. RETURNS the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                raise ServerFailed(f"SIGTERM did not end the server within {STOP_SECONDS} s:\n{self.logged()}")
        return self.process.returncode
