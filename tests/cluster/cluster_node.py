"""The Kubernetes of tests/cluster/node.sh: started, its commands, removed.

SPDX-License-Identifier: Apache-2.0
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest

import cgroup
from harness import ROOT

NODE = ROOT / "tests/cluster/node.sh"
TOOLS = ROOT / "build/cluster-tools"
NAMESPACE = "/run/netns/samovar-test"
STATE = "/var/lib/samovar-host"  # of `samovar cluster`
PROGRAMS = ("ip", "nsenter", "openssl", "etcd", "containerd", "ctr", "runc", "iptables", "conntrack")
PAUSE = "localhost/pause:1"
CLIENTS = Path(__file__).with_name("clients.py")
WAIT_SECONDS = 180


def what_is_missing():
    """Why no cluster can run here; empty if it can."""
    if os.geteuid() != 0:
        return "a cluster takes root"
    for name in PROGRAMS:
        if not shutil.which(name):
            return f"no {name} here (tools/setup.sh cluster installs it)"
    for name in ("hyperkube", "coredns", "kubectl", "helm", "pause"):
        if not os.access(TOOLS / "bin" / name, os.X_OK):
            return f"no {name} here (tools/cluster_tools.sh brings it)"
    if os.path.exists(NAMESPACE):
        return f"{NAMESPACE} is there: another run, or one that was killed (tests/cluster/node.sh down FOLDER)"
    return ""


class ClusterNode:
    """Up from its construction to down()."""

    def __init__(self, docker):
        reason = what_is_missing()
        if reason:
            pytest.skip(reason)
        self.folder = tempfile.mkdtemp(prefix="samovar-cluster-")
        self.run = f"{self.folder}/run"
        self.kubeconfig = f"{self.run}/admin.kubeconfig"
        self.containerd = f"{self.run}/containerd.sock"
        self.memory_cgroup = cgroup.memory_folder("samovar-test")
        try:
            self.script("up")
            self.add_image(docker, self.pause_image(docker))
            self.script("node")
            self.wait_until("an account in each namespace", self.has_accounts)
        except BaseException:
            self.down()
            raise

    def script(self, command):
        result = subprocess.run([NODE, command, self.run, TOOLS / "bin"], capture_output=True, text=True, timeout=300)
        assert result.returncode == 0, result.stdout + result.stderr

    def has_accounts(self):
        """Controllers make them a little after the start; objects() would tell the difference."""
        accounts = self.kubectl("get", "serviceaccounts", "-A", "--field-selector=metadata.name=default", "-o", "name")
        return len(accounts.split()) == len(self.kubectl("get", "namespaces", "-o", "name").split())

    def pause_image(self, docker):
        folder = f"{self.folder}/pause"
        os.makedirs(folder)
        shutil.copy(TOOLS / "bin/pause", folder)
        with open(f"{folder}/Dockerfile", "w", encoding="utf-8") as file:
            file.write('FROM scratch\nCOPY pause /pause\nENTRYPOINT ["/pause"]\n')
        docker.output("build", "-t", PAUSE, folder)
        return PAUSE

    def add_image(self, docker, name):
        tar = f"{self.folder}/image.tar"
        docker.output("save", "-o", tar, name)
        subprocess.run(["ctr", "-a", self.containerd, "-n", "k8s.io", "images", "import", tar], check=True,
                       capture_output=True, timeout=300)

    def enter(self, *command, **options):
        """RETURNS the finished process, run in the node's network."""
        path = f"{self.folder}/bin:{TOOLS}/bin:{os.environ['PATH']}"
        return subprocess.run(["nsenter", f"--net={NAMESPACE}", *map(str, command)], capture_output=True, text=True,
                              timeout=options.pop("timeout", 600), env={**os.environ, "PATH": path}, **options)

    def output(self, *command, **options):
        """RETURNS stdout; fails the test when the exit code is not 0."""
        result = self.enter(*command, **options)
        assert result.returncode == 0, f"{' '.join(map(str, command))}:\n{result.stdout}{result.stderr}"
        return result.stdout

    def background(self, *command, **options):
        """RETURNS a process of the node's network, to be ended by whoever asked for it."""
        return subprocess.Popen(["nsenter", f"--net={NAMESPACE}", *map(str, command)], **options)

    def kubectl(self, *arguments):
        return self.output("kubectl", f"--kubeconfig={self.kubeconfig}", *arguments)

    def apply(self, text):
        self.output("kubectl", f"--kubeconfig={self.kubeconfig}", "apply", "-f", "-", input=text)

    def jsonpath(self, path, *what):
        return self.kubectl("get", *what, "-o", f"jsonpath={path}")

    def service_url(self, name):
        return f"http://{self.jsonpath('{.spec.clusterIP}:{.spec.ports[0].port}', 'service', name)}"

    def ask(self, url, text):
        """RETURNS the answer of an OpenAI API at `url`, with its /v1."""
        body = json.dumps({"messages": [{"role": "user", "content": text}], "max_tokens": 8, "temperature": 0})
        answer = self.output("curl", "-sSf", "-m", "60", f"{url}/chat/completions", "-d", body)
        return json.loads(answer)["choices"][0]["message"]["content"]

    def objects(self):
        """What a release or monitoring may leave, by name."""
        kinds = ("all,configmaps,secrets,serviceaccounts,networkpolicies,poddisruptionbudgets,persistentvolumeclaims,roles,"
                 "rolebindings,clusterroles,clusterrolebindings,customresourcedefinitions,namespaces")
        return sorted(self.kubectl("get", kinds, "-A", "-o", "name").splitlines())

    def wait_until(self, what, holds, seconds=WAIT_SECONDS, poll_seconds=0.5):
        """RETURNS the seconds it took."""
        began = time.monotonic()
        while not holds():
            assert time.monotonic() < began + seconds, f"not within {seconds} s: {what}\n{self.kubectl('get', 'pods,events', '-A')}"
            time.sleep(poll_seconds)
        return time.monotonic() - began

    @contextlib.contextmanager
    def clients(self, url, count, tokens=16):
        """While entered, so many clients ask. Yields a dictionary that then has "answered" and "failed"."""
        asking = self.background(sys.executable, CLIENTS, url, count, tokens, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                 text=True)
        counts = {}
        try:
            yield counts
        finally:
            counts.update(json.loads(asking.communicate(timeout=WAIT_SECONDS)[0]))

    def down(self):
        self.script("down")
        shutil.rmtree(self.folder, ignore_errors=True)
