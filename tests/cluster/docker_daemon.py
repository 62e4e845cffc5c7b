"""The docker command with a daemon behind it: this machine's, or one of the tests' own.

SPDX-License-Identifier: Apache-2.0
"""

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

START_SECONDS = 30
BASE = "localhost/debian:12-slim"


class Docker:
    """Ends with stop(), which ends the daemon too if the tests started it."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.daemon = None
        self.host = os.environ.get("DOCKER_HOST", "")
        if not shutil.which("docker"):
            pytest.skip("no docker here (tools/setup.sh cluster installs it)")
        self.begin()

    def begin(self):
        if not self.answers():
            self.start_daemon("--iptables=false", "--bridge=none")  # the tests use the machine's network

    def answers(self):
        return self.run("version").returncode == 0

    def start_daemon(self, *options):
        if os.geteuid() != 0 or not shutil.which("dockerd"):
            pytest.skip("no docker daemon answers, and starting one takes root and dockerd")
        self.host = f"unix://{self.folder}/docker.sock"
        log = open(self.folder / "dockerd.log", "wb")
        self.daemon = subprocess.Popen(
            ["dockerd", *options, "--data-root", self.folder / "data", "--exec-root",
             self.folder / "exec", "--pidfile", self.folder / "pid", "-H", self.host],
            stdout=log, stderr=subprocess.STDOUT)
        deadline = time.monotonic() + START_SECONDS
        while not self.answers():
            if self.daemon.poll() is not None or time.monotonic() > deadline:
                last = (self.folder / "dockerd.log").read_text(errors="replace").splitlines()[-1:]
                self.stop()
                pytest.skip(f"dockerd does not run here: {last}")
            time.sleep(0.5)

    def stop(self):
        if self.daemon:
            self.daemon.terminate()
            self.daemon.wait()

    def environment(self):
        return {**os.environ, **({"DOCKER_HOST": self.host} if self.host else {})}

    def run(self, *arguments, timeout=600, **options):
        """RETURNS the finished process, whatever its exit code."""
        command = ["docker", *map(str, arguments)]
        return subprocess.run(command, capture_output=True, text=True, timeout=timeout, env=self.environment(), **options)

    def output(self, *arguments, **options):
        """RETURNS stdout; fails the test when the exit code is not 0."""
        result = self.run(*arguments, **options)
        assert result.returncode == 0, f"docker {arguments[0]}: {(result.stdout + result.stderr)[-2000:]}"
        return result.stdout.strip()

    def has_image(self, name):
        return self.run("image", "inspect", name).returncode == 0

    def make_base(self):
        """Debian 12 under the name BASE, made here: no image is pulled."""
        if self.has_image(BASE):
            return
        if not shutil.which("debootstrap"):
            pytest.skip("no debootstrap here (tools/setup.sh cluster installs it)")
        root = self.folder / "debian"
        made = subprocess.run(["debootstrap", "--variant=minbase", "bookworm", root], capture_output=True, text=True,
                              timeout=900)
        if made.returncode != 0:
            pytest.skip(f"debootstrap can't make a base here: {made.stdout.splitlines()[-1:]}")
        # As debian:12-slim has it: without it each unpacked file is written through to the disk.
        (root / "etc/dpkg/dpkg.cfg.d/docker-apt-speedup").write_text("force-unsafe-io\n", encoding="utf-8")
        # Whom this machine trusts besides, and pip with it: packages may come from behind such an authority.
        shutil.copytree("/usr/local/share/ca-certificates", root / "usr/local/share/ca-certificates", dirs_exist_ok=True)
        if os.path.exists("/etc/pip.conf"):
            shutil.copy("/etc/pip.conf", root / "etc/pip.conf")
        packed = subprocess.Popen(["tar", "-C", root, "-c", "."], stdout=subprocess.PIPE)
        self.output("import", "-", BASE, stdin=packed.stdout)
        packed.wait()
        shutil.rmtree(root)

    def build(self, root, name, *options):
        self.make_base()
        self.output("build", "--network=host", "--build-arg", f"BASE={BASE}", "-f", f"{root}/deploy/docker/Dockerfile",
                    "-t", name, *options, root, timeout=3600)


class BridgedDocker(Docker):
    """A daemon of the tests' own in the network they are in, with docker's bridge in it, and some images of `other`."""

    GATEWAY = "172.17.0.1"  # how containers reach who is beside them

    def __init__(self, folder, other, *images):
        super().__init__(folder)
        try:
            saved = folder / "images.tar"
            other.output("save", "-o", saved, *images)
            self.output("load", "-i", saved)
            saved.unlink()
        except BaseException:
            self.stop()
            raise

    def begin(self):
        self.start_daemon("--bip", f"{self.GATEWAY}/16")
