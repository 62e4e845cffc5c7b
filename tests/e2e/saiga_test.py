"""The how-to's model, saiga_mistral_7b: a file of 2023 without a chat template, served as `llm run` serves it.

Its weights are random (a tiny model; with --large the full size), its vocabulary is Llama's, its format is known by the
repository's name. Every text of the random model is full of characters that tokens cut.
SPDX-License-Identifier: Apache-2.0
"""

import json
import subprocess
import sys
import urllib.request
from pathlib import Path

import pytest

import cloud_stand_in
import harness
import inputs
from cloud_process import NODE, GatewayProcess
from server_process import ServerProcess

MEMORY = "8G"  # of the machine
REPO = "TheBloke/saiga_mistral_7b-GGUF"
FILE = "saiga_mistral_7b.Q4_K_M.gguf"
# Russian texts. `prompt_ids` are llama-server's /tokenize of the prompt (llama_cpp_python 0.3.36, ggml-vocab-llama-spm.gguf,
# parse_special); /apply-template leaves out the <s> that the tokenizer puts first. `grammar` allows Cyrillic letters, many of
# which are two tokens here.
TEXTS = json.loads(Path(__file__).with_name("saiga.json").read_text(encoding="utf-8"))
QUESTION = TEXTS["question"]


@pytest.fixture(scope="module", params=["tiny", pytest.param("mistral-7b", marks=pytest.mark.large)])
def saiga(request, tmp_path_factory):
    """A server of it, started as `llm run` does."""
    binary = request.config.getoption("--bin")
    folder = tmp_path_factory.mktemp("saiga")
    snapshot = folder / "hub/models--TheBloke--saiga_mistral_7b-GGUF/snapshots/c0ffee"
    snapshot.mkdir(parents=True)
    vocabulary = inputs.VOCABS / "ggml-vocab-llama-spm.gguf"
    command = [sys.executable, harness.ROOT / "tools/make_random_model.py", request.param, snapshot / FILE, vocabulary]
    subprocess.run(list(map(str, command)), check=True)
    env = {"HF_HUB_CACHE": str(folder / "hub"), "XDG_STATE_HOME": str(folder / "state"), "HF_HUB_OFFLINE": "1"}
    options = ("--ctx-size", "1024", "--memory", MEMORY)
    server = ServerProcess(binary, f"hf:{REPO}:Q4_K_M", "--as-local-llm", "--pull", *options, env=env)
    server.model = snapshot / FILE
    yield server.wait_until_ready()
    server.stop()
    (snapshot / FILE).unlink()


def post(server, path, body):
    request = urllib.request.Request(server.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    return urllib.request.urlopen(request, timeout=600)


def chat_body(**more):
    return {"messages": [{"role": "user", "content": QUESTION}], "max_tokens": 60, "seed": 7, "temperature": 1.5, **more}


def streamed(server, body):
    """The texts of a stream's events, each as it came: decoded by itself."""
    texts = []
    with post(server, "/v1/chat/completions", {**body, "stream": True}) as answer:
        for line in answer:
            line = line.decode("utf-8", "strict").strip()
            if not line.startswith("data: ") or line == "data: [DONE]":
                continue
            for choice in json.loads(line.removeprefix("data: "))["choices"]:
                texts.append(choice["delta"].get("content") or "")
    return texts


def test_the_format_is_known_by_the_repositorys_name(saiga):
    assert "built-in format `saiga`" in saiga.logged()


def test_prompt_ids_are_llama_cpps(saiga):
    with post(saiga, "/apply-template", {"messages": [{"role": "user", "content": QUESTION}]}) as answer:
        prompt = json.load(answer)["prompt"]
    assert prompt.startswith(TEXTS["prompt_begins"]) and prompt.endswith(f"<s>user\n{QUESTION}</s><s>bot\n")
    with post(saiga, "/tokenize", {"content": prompt, "add_special": True, "parse_special": True}) as answer:
        assert json.load(answer)["tokens"] == TEXTS["prompt_ids"]
    with post(saiga, "/v1/chat/completions", chat_body(max_tokens=1)) as answer:
        assert json.load(answer)["usage"]["prompt_tokens"] == len(TEXTS["prompt_ids"])


@pytest.mark.parametrize("more", [{}, {"grammar": TEXTS["grammar"]}, {"temperature": 0, "grammar": TEXTS["grammar"]}, {"temperature": 5}])
def test_a_stream_is_the_answer_and_never_half_a_character(saiga, more):
    body = chat_body(**more)
    with post(saiga, "/v1/chat/completions", body) as answer:
        whole = json.load(answer)["choices"][0]["message"]["content"]
    texts = streamed(saiga, body)
    assert "".join(texts).encode() == whole.encode()
    if "grammar" in more:
        assert whole and set(whole) <= set(TEXTS["alphabet"])


def test_a_chat_goes_on(saiga):
    with post(saiga, "/apply-template", {"messages": TEXTS["chat"]}) as answer:
        assert json.load(answer)["prompt"] == TEXTS["chat_prompt"]


@pytest.fixture(scope="module")
def gateway(request, saiga):
    """A gateway before a stand-in for the cloud, whose node is the server."""
    cloud = cloud_stand_in.Cloud()
    cloud.nodes[NODE] = cloud_stand_in.Node(upstream=saiga.url)
    gateway = GatewayProcess(request.config.getoption("--bin"), cloud, env={"YC_TOKEN": cloud.new_token()})
    yield gateway.wait_until_ready()
    gateway.stop()
    cloud.close()


def test_a_chat_through_the_gateway_is_the_same(saiga, gateway):
    body = chat_body(temperature=0, grammar=TEXTS["grammar"])
    texts = []
    for server in (saiga, gateway):
        with post(server, "/v1/chat/completions", body) as answer:
            texts.append(json.load(answer)["choices"][0]["message"]["content"])
    assert texts[0] and texts[0] == texts[1] == "".join(streamed(gateway, body))


def test_it_is_planned_for_a_machine_of_8_gb_and_keeps_to_that(saiga, samovar):
    """After all chats above."""
    assert samovar.run("plan", saiga.model, "--memory", MEMORY, "--ctx-size", "1024", "--check").returncode == 0
    peak = saiga.peak_bytes()
    print(f"peak memory: {peak / (1 << 30):.2f} GiB")
    assert peak < 8 << 30
