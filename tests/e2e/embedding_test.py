"""Embeddings through the official OpenAI and Ollama clients, and beside llama.cpp's own figures.

SPDX-License-Identifier: Apache-2.0
"""

import json
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import ollama
import openai
import pytest

import harness
import inputs
from server_process import ServerProcess

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "data" / "embeddings"
TEXTS = ["The cat sleeps on the sofa.", "A kitten naps on the couch.", "int main() { return 0; }"]
WIDTH = 576


@pytest.fixture(scope="module")
def server(start_server):
    return start_server("--parallel", "2", "--ctx-size", "256")


@pytest.fixture(scope="module")
def client(server):
    return openai.OpenAI(base_url=f"{server.url}/v1", api_key="none", max_retries=0, timeout=120)


@pytest.fixture(scope="module")
def ollama_client(server):
    return ollama.Client(host=server.url, timeout=120)


@pytest.fixture(scope="module")
def model(client):
    return client.models.list().data[0].id


def ask(server, path, body):
    """RETURNS status and JSON of the answer, whatever the status."""
    request = urllib.request.Request(server.url + path, json.dumps(body).encode(), {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)


def cosine(a, b):
    return float(np.dot(a, b) / (np.linalg.norm(a) * np.linalg.norm(b)))


# The OpenAI client


def test_openai_gets_a_unit_vector_for_each_text(client):
    answer = client.embeddings.create(model="text-embedding-3-small", input=TEXTS)
    assert [entry.index for entry in answer.data] == [0, 1, 2]
    assert all(len(entry.embedding) == WIDTH for entry in answer.data)
    assert all(np.linalg.norm(entry.embedding) == pytest.approx(1, abs=1e-5) for entry in answer.data)
    assert answer.usage.prompt_tokens == answer.usage.total_tokens > 0
    cat, kitten, code = (entry.embedding for entry in answer.data)
    assert cosine(cat, kitten) > cosine(cat, code)


def test_base64_holds_the_same_floats_as_numbers(client):
    as_client_asks = client.embeddings.create(model="m", input=TEXTS[0]).data[0].embedding  # base64
    as_numbers = client.embeddings.create(model="m", input=TEXTS[0], encoding_format="float").data[0].embedding
    assert np.array_equal(np.float32(as_client_asks), np.float32(as_numbers))


def test_tokens_and_their_text_have_one_vector(client, server):
    tokens = ask(server, "/tokenize", {"content": TEXTS[0], "add_special": True})[1]["tokens"]
    of_text = client.embeddings.create(model="m", input=TEXTS[0]).data[0].embedding
    assert client.embeddings.create(model="m", input=tokens).data[0].embedding == of_text
    assert client.embeddings.create(model="m", input=[tokens, tokens]).data[1].embedding == of_text


def test_a_shorter_vector_is_the_beginning_of_the_whole_one(client):
    whole = client.embeddings.create(model="m", input=TEXTS[0]).data[0].embedding
    short = client.embeddings.create(model="m", input=TEXTS[0], dimensions=64).data[0].embedding
    assert np.linalg.norm(short) == pytest.approx(1, abs=1e-5)
    assert np.allclose(short, np.array(whole[:64]) / np.linalg.norm(whole[:64]), atol=1e-6)
    with pytest.raises(openai.BadRequestError):
        client.embeddings.create(model="m", input=TEXTS[0], dimensions=WIDTH + 1)


def test_a_text_longer_than_the_context_is_refused_with_its_size(client):
    with pytest.raises(openai.BadRequestError, match="too large") as refused:
        client.embeddings.create(model="m", input=["short", "This is a test " * 200])
    error = refused.value.body
    assert error["code"] == "context_length_exceeded" and error["param"] == "input[1]"
    assert error["n_prompt_tokens"] > error["n_ctx"] == 256


# Ollama's client


def test_ollama_gets_the_vectors_that_openai_gets(ollama_client, client, model):
    answer = ollama_client.embed(model, TEXTS)
    expected = [entry.embedding for entry in client.embeddings.create(model="m", input=TEXTS).data]
    assert np.allclose(answer["embeddings"], expected, atol=1e-6)
    assert answer["prompt_eval_count"] > 0 and answer["total_duration"] > 0
    assert len(ollama_client.embed(model, TEXTS[0], dimensions=32)["embeddings"][0]) == 32


def test_ollama_cuts_a_long_text_unless_told_not_to(ollama_client, model):
    text = "This is a test " * 200
    assert ollama_client.embed(model, text)["prompt_eval_count"] == 256
    assert ollama_client.embed(model, text, options={"num_ctx": 16})["prompt_eval_count"] == 16
    with pytest.raises(ollama.ResponseError, match="the input length exceeds the context length"):
        ollama_client.embed(model, text, truncate=False)


def test_ollamas_old_route_gives_the_vector_as_it_is(ollama_client, model):
    raw = ollama_client.embeddings(model, TEXTS[0])["embedding"]
    assert np.linalg.norm(raw) > 2
    assert cosine(raw, ollama_client.embed(model, TEXTS[0])["embeddings"][0]) == pytest.approx(1)


# Beside answers


def test_vectors_and_answers_do_not_depend_on_each_other(server, client):
    def answer():
        return ask(server, "/completion", {"prompt": "One, two, three,", "n_predict": 60, "temperature": 0})[1]["content"]

    def vectors():
        return [entry.embedding for entry in client.embeddings.create(model="m", input=TEXTS * 8).data]

    text, alone = answer(), vectors()
    assert alone[:3] == alone[3:6]
    with ThreadPoolExecutor(4) as pool:
        answers = [pool.submit(answer) for _ in range(2)]
        embedded = [pool.submit(vectors) for _ in range(2)]
    assert all(future.result() == text for future in answers)
    assert all(future.result() == alone for future in embedded)


def test_embedded_tokens_count_in_the_metrics(server, client):
    def counted():
        with urllib.request.urlopen(server.url + "/metrics", timeout=30) as answer:
            lines = answer.read().decode().splitlines()
        return float(next(line.split()[1] for line in lines if line.startswith("llamacpp:prompt_tokens_total ")))

    before = counted()
    usage = client.embeddings.create(model="m", input="A text that nobody has asked for yet.").usage
    assert counted() - before == usage.prompt_tokens


# llama.cpp's figures


@pytest.mark.parametrize("pooling", ["mean", "last", "none"])
@pytest.mark.parametrize("name", [
    inputs.SMALL, pytest.param("qwen2.5-coder-0.5b-instruct-q4_k_m", marks=pytest.mark.large)])
def test_vectors_are_llama_cpps(request, name, pooling):
    golden = json.loads((GOLDEN / f"{name}.json").read_text(encoding="utf-8"))["texts"]
    server = ServerProcess(request.config.getoption("--bin"), harness.model_path(name), "--pooling", pooling,
                           "--embeddings", "--ctx-size", "256")
    try:
        server.wait_until_ready()
        answer = ask(server, "/embeddings", {"input": [entry["text"] for entry in golden]})[1]
        status = ask(server, "/v1/embeddings", {"input": "a"})[0]
    finally:
        server.stop()
    assert status == (400 if pooling == "none" else 200)
    for entry, got in zip(golden, answer, strict=True):
        if pooling == "none":
            rows = [row[:8] for row in got["embedding"]]
            assert len(rows) == len(entry["none_begins"])
            # Single rows differ by both engines' 8-bit activations, and these are kept to three digits.
            assert cosine(np.ravel(rows), np.ravel(entry["none_begins"])) > 0.998
        else:
            assert cosine(got["embedding"][0], entry[pooling]) > 0.999
