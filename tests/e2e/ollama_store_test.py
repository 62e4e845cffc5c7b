"""Pulling, copying and deleting models through Ollama's routes.

SPDX-License-Identifier: Apache-2.0
"""

import json
import random
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import ollama
import pytest

from origin import Origin, add_hub_file, add_hub_list, cut_after, sha256, slowly

CONTENT = random.Random(3).randbytes(3_000_000)
QUESTION = [{"role": "user", "content": "Say hello."}]


@pytest.fixture(scope="module")
def origin():
    server = Origin()
    yield server
    server.close()


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def server(start_server, origin, home):
    env = {"HOME": str(home), "HF_HUB_CACHE": str(home / "hub"), "XDG_STATE_HOME": str(home / "state"),
           "XDG_CONFIG_HOME": str(home / "config"), "HF_ENDPOINT": origin.url, "http_proxy": "", "https_proxy": ""}
    return start_server("--ctx-size", 512, env=env)


@pytest.fixture(scope="module")
def client(server):
    return ollama.Client(host=server.url, timeout=120)


@pytest.fixture(scope="module")
def served(client):
    return client.ps().models[0].model


@pytest.fixture
def repo(origin, request):
    """A hub repository of this test's own with one file of CONTENT. RETURNS its name and the path of the bytes."""
    name = f"u/{request.node.name.replace('_', '-')[:60]}"
    add_hub_list(origin, name, ["x-Q4_K_M.gguf"])
    return name, add_hub_file(origin, origin, name, "x-Q4_K_M.gguf", CONTENT)


def post(server, path, body, method="POST"):
    """RETURNS status and text of the answer, whatever the status."""
    request = urllib.request.Request(server.url + path, json.dumps(body).encode(), method=method)
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.read().decode()


def cached(home, repo):
    return [path.read_bytes() for path in (home / "hub").glob(f"models--{repo.replace('/', '--')}/snapshots/*/*")]


def test_a_pull_tells_how_far_it_is(client, home, repo):
    name, _ = repo
    lines = list(client.pull(f"hf.co/{name}:Q4_K_M", stream=True))
    assert lines[0].status == "pulling manifest"
    assert [line.status for line in lines[-3:]] == ["verifying sha256 digest", "writing manifest", "success"]
    assert any(line.total == len(CONTENT) and line.completed == len(CONTENT) for line in lines)
    assert cached(home, name) == [CONTENT]
    assert client.pull(f"hf.co/{name}:Q4_K_M").status == "success"


def test_a_pull_that_was_cut_goes_on_where_it_was(client, origin, home, repo):
    name, place = repo
    origin.faults[place] = [cut_after(1_000_000, CONTENT)]
    assert client.pull(name).status == "success"
    assert cached(home, name) == [CONTENT]


def test_pulls_of_one_model_share_the_download(client, origin, home, repo):
    name, place = repo
    before = len(origin.gets(place))
    origin.faults[place] = [slowly(CONTENT, 2)]
    with ThreadPoolExecutor(3) as pool:
        answers = list(pool.map(lambda _: client.pull(name).status, range(3)))
    assert answers == ["success"] * 3
    assert len(origin.gets(place)) == before + 1
    assert cached(home, name) == [CONTENT]


def test_a_pull_that_nobody_waits_for_stops(server, origin, home, repo):
    name, place = repo
    origin.faults[place] = [slowly(CONTENT, 30)]
    request = urllib.request.Request(f"{server.url}/api/pull", json.dumps({"model": name}).encode())
    with urllib.request.urlopen(request, timeout=10) as answer:
        answer.readline()
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline and not post(server, "/api/pull", {"model": name, "stream": False})[0] == 200:
        time.sleep(0.2)
    assert cached(home, name) == [CONTENT]


def test_what_cannot_be_pulled_is_an_error_in_the_stream(client, server):
    with pytest.raises(ollama.ResponseError):
        list(client.pull("u/absent", stream=True))
    status, text = post(server, "/api/pull", {"model": "u/absent", "stream": False})
    assert status >= 400 and list(json.loads(text)) == ["error"]


@pytest.mark.parametrize("name", ["/etc/passwd", "../x.gguf", "http://127.0.0.1:1/x.gguf", "pypi:x", "a b", "u/../r"])
def test_only_names_of_models_are_pulled(server, origin, name):
    asked = len(origin.asked)
    for path in ("/api/pull", "/api/copy"):
        status, text = post(server, path, {"model": name, "source": name, "destination": "y"})
        assert status == 400, text
    assert len(origin.asked) == asked


def test_a_pulled_model_is_listed_and_deleted(client, origin, home, small_model):
    content = small_model.read_bytes() if hasattr(small_model, "read_bytes") else open(small_model, "rb").read()
    add_hub_list(origin, "u/small", ["s-Q4_1.gguf"])
    add_hub_file(origin, origin, "u/small", "s-Q4_1.gguf", content)
    client.pull("u/small:Q4_1")
    listed = {model.model: model for model in client.list().models}
    name = "hf.co/u/small:s-Q4_1.gguf"
    assert listed[name].digest == sha256(content)
    assert listed[name].details.family == "llama"
    with pytest.raises(ollama.ResponseError) as caught:
        client.chat(name, QUESTION)
    assert caught.value.status_code == 404
    client.delete(name)
    assert name not in {model.model for model in client.list().models}
    assert not cached(home, "u/small")
    with pytest.raises(ollama.ResponseError) as caught:
        client.delete(name)
    assert (caught.value.status_code, caught.value.error) == (404, f"model '{name}' not found")


def test_a_copy_is_another_name(client, served):
    client.copy(served, "Mine:v1")
    assert "mine:v1" in {model.model for model in client.list().models}
    assert client.chat("mine:v1", QUESTION, options={"num_predict": 2}).model == "mine:v1"
    client.copy("mine:v1", "again")
    client.delete("mine:v1")
    assert client.show("again").capabilities
    client.delete("again")
    with pytest.raises(ollama.ResponseError) as caught:
        client.copy("absent", "y")
    assert (caught.value.status_code, caught.value.error) == (404, 'model "absent" not found')


def test_the_served_model_stays(client, served):
    with pytest.raises(ollama.ResponseError) as caught:
        client.delete(served)
    assert caught.value.status_code == 409
    assert client.chat(served, QUESTION, options={"num_predict": 2}).done
