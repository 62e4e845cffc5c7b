"""Many requests at once: equal texts, shared beginnings, tenants apart, and clients that go away.

SPDX-License-Identifier: Apache-2.0
"""

import http.client
import json
import random
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

N_SLOTS = 4
LONG = "Tea is a drink. " * 60


@pytest.fixture(scope="module")
def server(start_server):
    return start_server("--parallel", N_SLOTS, "--ctx-size", 1024)


def complete(server, prompt, key=None, **fields):
    body = {"prompt": prompt, "max_tokens": 24, "temperature": 0, "ignore_eos": True, **fields}
    headers = {"Content-Type": "application/json", **({"Authorization": f"Bearer {key}"} if key else {})}
    request = urllib.request.Request(server.url + "/v1/completions", json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=120) as answer:
        return json.load(answer)


def text(answer):
    return answer["choices"][0]["text"]


def cached(answer):
    return answer["usage"]["prompt_tokens_details"]["cached_tokens"]


def n_busy(server):
    with urllib.request.urlopen(server.url + "/health", timeout=10) as answer:
        return json.load(answer)["slots_processing"]


def wait_until_idle(server):
    deadline = time.monotonic() + 10
    while n_busy(server) > 0:
        assert time.monotonic() < deadline, "slots stay busy"
        time.sleep(0.02)


@pytest.mark.parametrize("temperature", [0, 0.9])
def test_texts_are_those_of_single_runs(server, temperature):
    prompts = [f"Chapter {number}. It was" for number in range(2 * N_SLOTS)]
    wish = {"temperature": temperature, "seed": 5}
    alone = [text(complete(server, prompt, **wish)) for prompt in prompts]
    with ThreadPoolExecutor(len(prompts)) as pool:
        together = [text(answer) for answer in pool.map(lambda prompt: complete(server, prompt, **wish), prompts)]
    assert together == alone


def test_a_known_beginning_is_not_computed_again(server):
    first = complete(server, LONG + "What is the first thing?")
    second = complete(server, LONG + "And why would that be?")
    assert cached(second) > 0.9 * first["usage"]["prompt_tokens"]
    again = complete(server, LONG + "What is the first thing?")
    assert cached(again) == first["usage"]["prompt_tokens"] - 1
    assert text(again) == text(first)


def test_keys_share_no_beginnings(start_server):
    server = start_server("--api-key", "first,second", "--ctx-size", 1024)
    assert cached(complete(server, LONG, key="first")) == 0
    assert cached(complete(server, LONG, key="second")) == 0
    assert cached(complete(server, LONG, key="second")) > 100


def test_clients_that_go_away_harm_nobody(server):
    expected = text(complete(server, "The history of copper", max_tokens=200))
    rng = random.Random(1)

    def leave(_):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
        body = {"prompt": LONG + str(rng.random()), "max_tokens": 400, "ignore_eos": True, "stream": rng.random() < 0.7}
        connection.request("POST", "/v1/completions", json.dumps(body), {"Content-Type": "application/json"})
        time.sleep(rng.random() * 0.3)
        connection.close()

    got = []
    good = threading.Thread(target=lambda: got.append(text(complete(server, "The history of copper", max_tokens=200))))
    good.start()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(leave, range(40)))
    good.join()
    assert got == [expected]
    wait_until_idle(server)
    assert text(complete(server, "The history of copper", max_tokens=200)) == expected


def start_endless_chat(server, number):
    """A streamed chat without a limit, its first line of an answer read."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    body = {"messages": [{"role": "user", "content": f"Tell story {number}."}], "stream": True, "ignore_eos": True}
    connection.request("POST", "/v1/chat/completions", json.dumps(body), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    while b'"content":"' not in answer.readline():
        pass
    return connection


def test_chats_without_a_limit_run_together_where_the_cache_holds_one_context(start_server):
    server = start_server("--parallel", 8, "--ctx-size", 4096, "--cache-tokens", 4096)
    with ThreadPoolExecutor(8) as pool:
        chats = list(pool.map(lambda number: start_endless_chat(server, number), range(8)))
    assert n_busy(server) == 8
    for chat in chats:
        chat.close()
    wait_until_idle(server)


def test_answers_that_outgrow_the_cache_pause_and_say_the_same(start_server):
    server = start_server("--parallel", 3, "--ctx-size", 1024, "--cache-tokens", 1024)
    prompts = [f"The history of {thing} is" for thing in ("copper", "tea", "ink")]
    alone = [text(complete(server, prompt, max_tokens=450)) for prompt in prompts]
    with ThreadPoolExecutor(3) as pool:
        together = list(pool.map(lambda prompt: text(complete(server, prompt, max_tokens=450)), prompts))
    assert together == alone
    with urllib.request.urlopen(server.url + "/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    assert float(next(line.split()[-1] for line in lines if line.startswith("vllm:num_preemptions_total"))) > 0
