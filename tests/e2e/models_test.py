"""One server of several models: loaded when they are asked for, unloaded when another needs their place.

SPDX-License-Identifier: Apache-2.0
"""

import http.client
import json
import threading
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

import harness
import inputs
from server_process import ServerProcess

SMALL, CODER = "small", "coder"
LONG = {"max_tokens": 120, "temperature": 0, "ignore_eos": True}
SHORT = {"max_tokens": 12, "temperature": 0, "ignore_eos": True}


@pytest.fixture(scope="module")
def folder(small_model, tmp_path_factory):
    """A folder with two models and a file that is none."""
    folder = tmp_path_factory.mktemp("models")
    (folder / f"{SMALL}.gguf").symlink_to(small_model)
    (folder / f"{CODER}.gguf").symlink_to(harness.model_path("qwen2.5-coder-0.5b-instruct-q4_k_m"))
    (folder / "broken.gguf").write_bytes(b"GGUF" + bytes(100))
    return folder


@pytest.fixture(scope="module")
def serve(request, folder):
    """serve(*options): a ready server of the folder's models, 1,024 tokens of context each."""
    servers = []

    def start(*options, of=("--models-dir",)):
        command = [request.config.getoption("--bin"), "serve", *of, *([folder] if of == ("--models-dir",) else []),
                   "--ctx-size", 1024, *options]
        servers.append(ServerProcess.of_command(list(map(str, command)), "/readyz"))
        return servers[-1].wait_until_ready()

    yield start
    for server in servers:
        assert server.stop() == 0


@pytest.fixture
def stop(request):
    """Servers of one test only: ended with it."""
    servers = []
    yield lambda server: servers.append(server) or server
    for server in servers:
        server.stop()


@pytest.fixture(scope="module")
def server(serve):
    return serve("--models-max", 1)


def ask(server, path, body=None, method=None):
    """RETURNS status, headers and JSON of the answer, whatever the status."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(server.url + path, data, method=method)
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, answer.headers, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers, json.loads(refused.read())


def text(server, model, prompt="The sea is", **fields):
    status, _, said = ask(server, "/v1/completions", {"model": model, "prompt": prompt, **SHORT, **fields})
    assert status == 200, said
    assert said["model"] == model
    return said["choices"][0]["text"]


class Stream:
    """A streamed text, read by a thread of its own."""

    def __init__(self, server, model, prompt="The sea is", **fields):
        self.text, self.done, self.began = "", False, threading.Event()
        body = {"model": model, "prompt": prompt, "stream": True, **LONG, **fields}
        self.connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=120)
        self.connection.request("POST", "/v1/completions", json.dumps(body))
        self.thread = threading.Thread(target=self.read)
        self.thread.start()

    def read(self):
        answer = self.connection.getresponse()
        for line in answer:
            if line == b"data: [DONE]\n":
                self.done = True
            elif line.startswith(b"data: "):
                self.text += json.loads(line[6:])["choices"][0]["text"]
                self.began.set()

    def whole(self):
        self.thread.join(120)
        assert self.done
        return self.text


def states(server):
    return {model["id"]: model["status"]["value"] for model in ask(server, "/v1/models")[2]["data"]}


def loaded(server):
    return [model for model, state in states(server).items() if state == "loaded"]


def wait_until(holds, what):
    deadline = time.monotonic() + 30
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.02)


def metric(server, name):
    with urllib.request.urlopen(server.url + "/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return float(next(line.split()[-1] for line in lines if line.startswith(name + " ")))


@pytest.fixture(scope="module")
def alone(serve, small_model, folder):
    """alone(model, **fields): the text that a server of this model only gives."""
    servers = {SMALL: serve(of=(folder / f"{SMALL}.gguf",)), CODER: serve(of=(folder / f"{CODER}.gguf",))}
    return lambda model, prompt="The sea is", **fields: text(servers[model], f"{model}.gguf", prompt, **fields)


# Names


def test_a_ready_server_has_loaded_nothing(serve, stop, folder):
    server = stop(serve("--models-max", 2))
    assert states(server) == {"broken": "unloaded", CODER: "unloaded", SMALL: "unloaded"}
    assert ask(server, "/health")[2] == {"status": "ok"}
    assert ask(server, "/api/ps")[2] == {"models": []}
    assert ask(server, "/slots")[2] == []
    props = ask(server, "/props")[2]
    assert (props["role"], props["max_instances"], props["models_autoload"]) == ("router", 2, True)
    assert {model["name"] for model in ask(server, "/api/tags")[2]["models"]} >= {CODER, SMALL}


def test_the_name_in_the_request_chooses_the_model(server, alone):
    for model in (SMALL, CODER, SMALL):
        assert text(server, model) == alone(model)
        assert loaded(server) == [model]
        entry = ask(server, f"/v1/models/{model}")[2]
        assert entry["meta"]["n_ctx"] == 1024


def test_every_route_finds_its_model(server):
    for model, n_vocab in ((SMALL, 49152), (CODER, 151936)):
        chat = {"model": model, "messages": [{"role": "user", "content": "Hi"}], "max_tokens": 2}
        assert ask(server, "/v1/chat/completions", chat)[2]["model"] == model
        assert ask(server, "/completion", {"model": model, "prompt": "Hi", "n_predict": 2})[2]["model"] == model
        assert ask(server, "/api/chat", {**chat, "stream": False})[2]["done"]
        assert ask(server, "/tokenize", {"model": model, "content": "Hi"})[0] == 200
        assert ask(server, f"/v1/models/{model}")[2]["meta"]["n_vocab"] == n_vocab
        assert ask(server, f"/props?model={model}")[2]["model_alias"] == model
        assert {slot["model"] for slot in ask(server, "/slots")[2]} == {model}


def test_an_unknown_name_is_not_found_in_each_familys_words(server):
    status, _, said = ask(server, "/v1/chat/completions", {"model": "none", "messages": []})
    assert (status, said["error"]["code"], said["error"]["param"]) == (404, "model_not_found", "model")
    assert said["error"]["message"] == "The model `none` does not exist"
    status, _, said = ask(server, "/completion", {"model": "none", "prompt": "a"})
    assert (status, said["error"]["code"]) == (404, 404)
    assert ask(server, "/api/chat", {"model": "none"})[::2] == (404, {"error": "model 'none' not found"})
    assert ask(server, "/v1/models/none")[0] == 404


@pytest.mark.parametrize("body, code", [
    ({"prompt": "a"}, "missing_required_parameter"),
    ({"prompt": "a", "model": ""}, "missing_required_parameter"),
    ({"prompt": "a", "model": None}, "missing_required_parameter"),
    ({"prompt": "a", "model": 7}, "invalid_type"),
])
def test_a_request_must_name_one_of_several_models(server, body, code):
    status, _, said = ask(server, "/v1/completions", body)
    assert (status, said["error"]["code"], said["error"]["param"]) == (400, code, "model")


def test_a_broken_file_fails_its_requests_and_drives_nobody_out(server):
    text(server, SMALL)
    status, _, said = ask(server, "/v1/completions", {"model": "broken", "prompt": "a"})
    assert status == 500
    assert "broken.gguf" in said["error"]["message"]
    assert ask(server, "/api/generate", {"model": "broken", "prompt": "a"})[0] == 500
    assert loaded(server) == [SMALL]
    assert ask(server, "/v1/models/broken")[2]["status"]["failed"]


# Switching


def test_a_stream_keeps_its_model_and_the_next_one_waits(server, alone):
    stream = Stream(server, SMALL)
    stream.began.wait(60)
    assert text(server, CODER) == alone(CODER)
    assert stream.done
    assert stream.whole() == alone(SMALL, **LONG)
    assert loaded(server) == [CODER]


def test_a_client_that_leaves_the_queue_costs_nobody_his_model(server):
    text(server, SMALL)
    stream = Stream(server, SMALL)
    stream.began.wait(60)
    before = metric(server, "samovar:model_loads_total")
    leaver = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    leaver.request("POST", "/v1/completions", json.dumps({"model": CODER, "prompt": "a"}))
    wait_until(lambda: metric(server, "llamacpp:requests_deferred") == 1, "the request does not wait")
    leaver.close()
    stream.whole()
    text(server, SMALL)
    assert metric(server, "samovar:model_loads_total") == before


def test_many_requests_for_one_model_load_it_once(server):
    text(server, SMALL)
    before = metric(server, "samovar:model_loads_total")
    with ThreadPoolExecutor(8) as pool:
        texts = list(pool.map(lambda _: text(server, CODER), range(8)))
    assert len(set(texts)) == 1
    assert metric(server, "samovar:model_loads_total") == before + 1


def test_clients_of_two_models_all_get_their_answers(server, alone):
    expected = {model: alone(model) for model in (SMALL, CODER)}
    models = [SMALL, CODER] * 6
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(lambda model: text(server, model), models)) == [expected[model] for model in models]


def test_counters_hold_what_unloaded_models_have_counted(server):
    text(server, SMALL)
    before = metric(server, "llamacpp:tokens_predicted_total")
    text(server, CODER)
    assert metric(server, "llamacpp:tokens_predicted_total") == before + SHORT["max_tokens"]


def test_two_models_answer_at_once_and_say_what_they_say_alone(serve, stop, alone):
    server = stop(serve("--models-max", 2))
    streams = {model: Stream(server, model) for model in (SMALL, CODER)}
    for model, stream in streams.items():
        assert stream.whole() == alone(model, **LONG)
    assert sorted(loaded(server)) == [CODER, SMALL]


def test_memory_for_one_model_is_used_by_one_after_the_other(serve, stop, alone):
    server = stop(serve("--memory", "700M", "--models-max", 0))
    for model in (SMALL, CODER, SMALL):
        assert text(server, model) == alone(model)
        assert loaded(server) == [model]
        assert metric(server, "samovar:models_planned_bytes") <= 700 << 20


def test_a_model_that_never_fits_is_refused_with_its_ledger(serve, stop):
    server = stop(serve("--memory", "300M"))
    text(server, SMALL)
    status, headers, said = ask(server, "/v1/completions", {"model": CODER, "prompt": "a"})
    assert status == 503 and int(headers["Retry-After"]) >= 1
    assert "does not fit" in said["error"]["message"] and "300 MiB are usable" in said["error"]["message"]
    assert loaded(server) == [SMALL]


# Loading and unloading by hand


def test_keep_alive_zero_unloads_after_the_answer(server):
    body = {"model": SMALL, "prompt": "Hi", "stream": False, "options": {"num_predict": 2}, "keep_alive": 0}
    assert ask(server, "/api/generate", body)[2]["done"]
    wait_until(lambda: ask(server, "/api/ps")[2] == {"models": []}, "the model stays")


def test_an_empty_request_loads_or_unloads(server):
    loads = ask(server, "/api/generate", {"model": SMALL})[2]
    assert (loads["response"], loads["done_reason"]) == ("", "load")
    assert [model["name"] for model in ask(server, "/api/ps")[2]["models"]] == [SMALL]
    assert ask(server, "/api/chat", {"model": SMALL, "keep_alive": 0})[2]["done_reason"] == "unload"
    wait_until(lambda: loaded(server) == [], "the model stays")
    before = metric(server, "samovar:model_loads_total")
    assert ask(server, "/api/generate", {"model": CODER, "keep_alive": "0s"})[2]["done_reason"] == "unload"
    assert metric(server, "samovar:model_loads_total") == before


def test_a_model_expires_when_its_time_is_over(server):
    ask(server, "/api/generate", {"model": SMALL, "keep_alive": "200ms"})
    wait_until(lambda: loaded(server) == [], "the model stays")
    ask(server, "/api/generate", {"model": SMALL, "keep_alive": -1})
    assert ask(server, "/api/ps")[2]["models"][0]["expires_at"] > "2200"
    ask(server, "/api/generate", {"model": SMALL, "keep_alive": "10m"})
    assert ask(server, "/api/ps")[2]["models"][0]["expires_at"] < "2200"


def test_models_are_loaded_and_unloaded_by_hand(server):
    if SMALL in loaded(server):
        assert ask(server, "/models/unload", {"model": SMALL})[2] == {"success": True}
        wait_until(lambda: SMALL not in loaded(server), "the model stays")
    assert ask(server, "/models/load", {"model": SMALL})[2] == {"success": True}
    wait_until(lambda: loaded(server) == [SMALL], "the model does not come")
    status, _, said = ask(server, "/models/load", {"model": SMALL})
    assert status == 400 and "loaded already" in said["error"]["message"]
    assert ask(server, "/models/load", {"model": "none"})[0] == 404
    assert ask(server, "/models/load", {})[0] == 400  # none of them is the standard one
    assert ask(server, "/models/unload", {"model": CODER})[0] == 400
    assert ask(server, "/models/load", method="GET")[0] == 405


def test_without_autoload_only_hands_load(serve, stop):
    server = stop(serve("--no-models-autoload"))
    for path in ("/v1/completions", "/api/generate"):
        status, _, said = ask(server, path, {"model": SMALL, "prompt": "a", "stream": False})
        assert status == 400 and "is not loaded" in str(said["error"])
    ask(server, "/models/load", {"model": SMALL})
    wait_until(lambda: loaded(server) == [SMALL], "the model does not come")
    text(server, SMALL)


# Named models


def test_named_models_are_there_at_once_and_stay(serve, stop, folder, alone):
    server = stop(serve(of=[folder / f"{SMALL}.gguf", folder / f"{CODER}.gguf"]))
    names = [f"{SMALL}.gguf", f"{CODER}.gguf"]
    assert loaded(server) == names
    assert text(server, names[1]) == alone(CODER)
    ask(server, "/api/generate", {"model": names[0], "keep_alive": 0})
    status, _, said = ask(server, "/models/unload", {"model": names[0]})
    assert status == 400 and "--allow-unload" in said["error"]["message"]
    assert loaded(server) == names
    status, _, said = ask(server, "/v1/completions", {"prompt": "The sea is", **SHORT})
    assert (status, said["model"]) == (200, names[0])


def test_named_models_that_do_not_fit_together_take_turns(serve, stop, folder):
    server = stop(serve("--models-max", 1, of=[folder / f"{SMALL}.gguf", folder / f"{CODER}.gguf"]))
    assert loaded(server) == [f"{SMALL}.gguf"]
    assert "when it is asked for" in server.logged()
    text(server, f"{CODER}.gguf")
    assert loaded(server) == [f"{CODER}.gguf"]


def test_a_named_model_may_be_unloaded_where_that_is_allowed(serve, stop, folder):
    server = stop(serve("--allow-unload", of=[folder / f"{SMALL}.gguf"]))
    assert ask(server, "/models/unload", {"model": f"{SMALL}.gguf"})[0] == 200
    wait_until(lambda: loaded(server) == [], "the model stays")
    text(server, f"{SMALL}.gguf")


@pytest.mark.parametrize("options, word", [
    (["--models-max", "-1"], "--models-max"),
    (["--memory", "much"], "--memory"),
    (["--keep-alive", "soon"], "--keep-alive"),
    (["--models-dir", "/no/such"], "--models-dir"),
    (["--alias", "a"], "--alias"),
])
def test_wrong_flags_are_named(samovar, options, word):
    result = samovar.run("serve", *options, "--port", "0", timeout=30)
    assert result.returncode != 0
    assert word in result.stderr.decode()
