"""deploy/datasphere as its user has it: one line edited, built, run behind docker's bridge, pushed to a registry.

SPDX-License-Identifier: Apache-2.0
"""

import json
import re
import shutil
import time
import urllib.error
import urllib.request

import pytest

from docker_daemon import BASE, BridgedDocker
from harness import ROOT
from origin import Origin, add_hub_file, add_hub_list
from networks import own_network
from registry_server import PROGRAM as REGISTRY_PROGRAM
from registry_server import Registry

REPO, FILE = "someone/small-GGUF", "small.Q4_K_M.gguf"
URL = "http://127.0.0.1:8000"
READY_SECONDS = 120


@pytest.fixture(scope="module")
def bridged(docker, image, tmp_path_factory):
    """A docker daemon with a bridge, in a network that the tests of this file are in too."""
    with own_network():
        daemon = BridgedDocker(tmp_path_factory.mktemp("bridged"), docker, image, BASE)
        yield daemon
        daemon.stop()
        shutil.rmtree(daemon.folder, ignore_errors=True)


@pytest.fixture
def hub(bridged, small_model):
    origin = Origin(bridged.GATEWAY)
    with open(small_model, "rb") as file:
        add_hub_file(origin, origin, REPO, FILE, file.read())
    add_hub_list(origin, REPO, [FILE])
    yield origin
    origin.close()


@pytest.fixture
def build(bridged, image, hub, tmp_path):
    """build(lazy): the name of an image made of the folder, as the guide says; prints its size."""

    def make(lazy):
        folder = tmp_path / "datasphere"
        shutil.copytree(ROOT / "deploy/datasphere", folder)
        text, n_edited = re.subn(r"(?m)^ENV MODEL .*$", f"ENV MODEL {REPO}", (folder / "Dockerfile").read_text())
        if lazy:
            text, n_left_out = re.subn(r"(?m)^RUN llm pull .*\n", "", text)
            n_edited += n_left_out
        assert n_edited == 1 + lazy
        (folder / "Dockerfile").write_text(text)
        arguments = {"BASE": BASE, "SAMOVAR": image, "HF_ENDPOINT": hub.url}
        given = (word for name, value in arguments.items() for word in ("--build-arg", f"{name}={value}"))
        name = "localllm-lazy" if lazy else "localllm"
        bridged.output("build", "--platform", "linux/amd64", *given, "-t", name, folder)
        print(f"{name}: {int(bridged.output('image', 'inspect', '--format', '{{.Size}}', name)) / 1e6:.0f} MB")
        return name

    return make


@pytest.fixture
def run(bridged):
    """run(image): the id of a container that has port 8000 of the network."""
    started = []

    def start(image):
        started.append(bridged.output("run", "--detach", "-p", "8000:8000", image))
        return started[-1]

    yield start
    for container in started:
        bridged.run("rm", "--force", container)


def answer(path, body=None):
    """RETURNS (status, headers, JSON)."""
    request = urllib.request.Request(URL + path, json.dumps(body).encode() if body else None,
                                     {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=120) as response:
            return response.status, response.headers, json.load(response)
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, json.load(refused)


def chat(n_tokens):
    return answer("/v1/chat/completions", {"messages": [{"role": "user", "content": "Hello"}], "max_tokens": n_tokens})


def wait_until_it_chats(bridged, container):
    """Until then it lists its model, and answers 503 with the time to come again."""
    deadline = time.monotonic() + READY_SECONDS
    while time.monotonic() < deadline:
        try:
            status, headers, _ = chat(1)
        except OSError:  # docker's proxy is there a moment before the program
            time.sleep(0.05)
            continue
        if status == 200:
            return
        assert status == 503 and int(headers["Retry-After"]) >= 1
        time.sleep(0.05)
    pytest.fail(f"not ready within {READY_SECONDS} s: {bridged.run('logs', container)}")


@pytest.mark.parametrize("lazy", [False, True], ids=["preloaded", "lazy"])
def test_it_answers_behind_the_bridge_and_ends_on_docker_stop(bridged, hub, build, run, lazy):
    image = build(lazy)
    pulled = len(hub.asked)
    assert (pulled == 0) == lazy
    container = run(image)
    wait_until_it_chats(bridged, container)
    assert (len(hub.asked) > pulled) == lazy
    assert [model["id"] for model in answer("/v1/models")[2]["data"]]
    assert chat(8)[2]["choices"][0]["message"]["content"]
    began = time.monotonic()
    bridged.output("stop", "--time", "30", container)
    assert time.monotonic() - began < 20
    assert bridged.output("inspect", "--format", "{{.State.ExitCode}}", container) == "0"


@pytest.mark.skipif(REGISTRY_PROGRAM is None, reason="no docker-registry here (tools/setup.sh all installs it)")
def test_docker_gets_back_from_a_registry_what_samovar_pushed(bridged, build, run, samovar, tmp_path):
    image = build(True)
    registry = Registry(tmp_path)
    try:
        name = f"{registry.host}/crp1/{image}:1"
        pushed = samovar.run("datasphere", "registry", "push", image, name, env=bridged.environment(), timeout=300)
        assert pushed.returncode == 0, pushed.stderr.decode()
        config = bridged.output("image", "inspect", "--format", "{{.Id}}", image)
        bridged.output("rmi", "--force", image)
        bridged.output("pull", name)
        assert bridged.output("image", "inspect", "--format", "{{.Id}}", name) == config
        wait_until_it_chats(bridged, run(name))
    finally:
        registry.close()
