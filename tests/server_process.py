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

    def __init__(self, binary, model, *options, env=None, ready_path="/readyz"):
        self.begin([binary, "serve", str(model), *map(str, options)], ready_path, env)

    @classmethod
    def of_command(cls, command, ready_path, env=None):
        """Any server that takes --port and answers 200 at `ready_path` once it is ready: a peer."""
        server = cls.__new__(cls)
        server.begin(command, ready_path, env)
        return server

    def begin(self, command, ready_path, env=None):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.ready_path = ready_path
        self.log = tempfile.TemporaryFile()
        command = [*command, "--port", str(self.port)]
        environment = {**os.environ, **(env or {})}
        self.process = subprocess.Popen(command, stdout=self.log, stderr=subprocess.STDOUT, env=environment)
        self.pid = self.process.pid

    def logged(self):
        self.log.seek(0)
        return self.log.read().decode("utf-8", "replace")

    def wait_until_ready(self, poll_seconds=0.02, start_seconds=START_SECONDS):
        """RETURNS the server itself, once it says that it is ready."""
        deadline = time.monotonic() + start_seconds
        while not self.is_ready():
            if self.process.poll() is not None:
                raise ServerFailed(f"the server ended with {self.process.returncode}:\n{self.logged()}")
            if time.monotonic() > deadline:
                self.stop()
                raise ServerFailed(f"not ready after {start_seconds} s:\n{self.logged()}")
            time.sleep(poll_seconds)
        return self

    def is_ready(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", self.ready_path)
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def peak_bytes(self):
        """The most of resident memory that it has had."""
        with open(f"/proc/{self.pid}/status", encoding="utf-8") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) * 1024

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
