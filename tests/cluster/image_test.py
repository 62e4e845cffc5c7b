"""The image of deploy/docker: built, small, without root, and ended in peace.

SPDX-License-Identifier: Apache-2.0
"""

import json
import threading
import time
import urllib.request

import pytest

from file_server import FileServer
from harness import ROOT
from server_process import free_port

LOCKED = ["--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--network=host"]
MAX_BYTES = 60_000_000
GRACE_SECONDS = 30


class Container:
    """`docker run` of the image, locked down, until stop()."""

    def __init__(self, docker, image, *arguments, options=()):
        self.docker = docker
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.id = docker.output("run", "--detach", *LOCKED, "--tmpfs=/tmp", f"--env=SAMOVAR_URL={self.url}", *options, image,
                                *arguments, "--host=127.0.0.1", f"--port={self.port}")

    def inspect(self, what):
        return self.docker.output("inspect", "--format", "{{" + what + "}}", self.id)

    def wait_until_ready(self):
        deadline = time.monotonic() + 120
        while self.docker.run("exec", self.id, "/usr/bin/samovar", "health").returncode != 0:
            assert self.inspect(".State.Running") == "true", self.logs()
            assert time.monotonic() < deadline, self.logs()
            time.sleep(0.5)
        return self

    def logs(self):
        result = self.docker.run("logs", self.id)
        return result.stdout + result.stderr

    def ask(self, text, tokens):
        body = {"messages": [{"role": "user", "content": text}], "max_tokens": tokens, "temperature": 0}
        request = urllib.request.Request(self.url + "/v1/chat/completions", json.dumps(body).encode(),
                                         {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=120) as answer:
            return json.load(answer)["choices"][0]

    def stop(self):
        """RETURNS (exit code, seconds) of `docker stop`."""
        began = time.monotonic()
        self.docker.output("stop", "--time", GRACE_SECONDS, self.id)
        return int(self.inspect(".State.ExitCode")), time.monotonic() - began

    def remove(self):
        self.docker.run("rm", "--force", "--volumes", self.id)


@pytest.fixture
def start(docker, image):
    """start(*arguments, options=[...]): a Container, removed at the end."""
    made = []

    def run(*arguments, options=()):
        made.append(Container(docker, image, *arguments, options=options))
        return made[-1]

    yield run
    for container in made:
        container.remove()


@pytest.fixture
def served(start, models):
    return start("serve", "/models/small.gguf", options=[f"--volume={models}:/models:ro"]).wait_until_ready()


def test_the_image_is_small(docker, image):
    size = int(docker.output("image", "inspect", "--format", "{{.Size}}", image))
    print(f"{image}: {size / 1e6:.1f} MB")
    assert size <= MAX_BYTES


def test_it_answers_without_root_and_with_nothing_to_write_to(docker, served):
    assert served.inspect(".Config.User") == "65532:65532"
    assert served.inspect(".HostConfig.ReadonlyRootfs") == "true"
    processes = docker.output("top", served.id, "-eo", "pid,uid,args").splitlines()[1:]
    assert {line.split()[1] for line in processes} == {"65532"}  # the server, and a health check that still ends
    assert served.ask("What is the capital of France?", 16)["message"]["content"]


def test_there_is_no_shell_in_it(docker, served):
    assert docker.run("exec", served.id, "/bin/sh", "-c", "true").returncode != 0


def test_the_stop_signal_lets_the_running_answer_finish(served):
    answers = []
    asking = threading.Thread(target=lambda: answers.append(served.ask("Count to one hundred.", 200)))
    asking.start()
    deadline = time.monotonic() + 60
    while b"llamacpp:requests_processing 1" not in urllib.request.urlopen(served.url + "/metrics", timeout=10).read():
        assert time.monotonic() < deadline and not answers
        time.sleep(0.05)
    code, seconds = served.stop()
    asking.join()
    assert code == 0 and seconds < GRACE_SECONDS
    assert answers and answers[0]["finish_reason"] in ("length", "stop")


def test_an_open_port_without_a_key_is_the_users_own_word(docker, image, models):
    result = docker.run("run", "--rm", *LOCKED, f"--volume={models}:/models:ro", image, "serve", "/models/small.gguf")
    assert result.returncode == 64 and "--insecure-open" in result.stderr


def test_a_model_that_the_image_lacks_is_pulled_into_a_volume(docker, image, models):
    volume = docker.output("volume", "create")
    try:
        with FileServer(models) as files:
            mounted = [*LOCKED, "--tmpfs=/tmp", f"--volume={volume}:/models"]
            pulled = docker.run("run", "--rm", *mounted, image, "pull", f"{files.url}/small.gguf")
            assert pulled.returncode == 0, pulled.stderr
        listed = docker.output("run", "--rm", *mounted, image, "list")
        assert "small" in listed
    finally:
        docker.run("volume", "rm", volume)


def test_a_model_can_be_built_in(docker, image, start):
    name = "localhost/samovar:smollm2"
    docker.build(ROOT, name, "--build-arg", "MODEL=smollm2:135m")
    container = Container(docker, name, "serve", "smollm2:135m", options=["--env=HF_HUB_OFFLINE=1"])
    try:
        assert container.wait_until_ready().ask("Hello", 4)["message"]
    finally:
        container.remove()
