"""A full context: the end of the answer, or the loss of a part of it, and who is told.

SPDX-License-Identifier: Apache-2.0
"""

import json
import urllib.request

import pytest

N_CTX = 192
STORY = "Once upon a time there was a samovar. " * 12


@pytest.fixture(scope="module")
def shifting(start_server):
    return start_server("--parallel", "1", "--ctx-size", N_CTX, "--keep", "8", env={"LLAMA_ARG_CONTEXT_SHIFT": "1"})


def ask(server, path, **body):
    """RETURNS the text of the answer."""
    data = json.dumps({"temperature": 0, "ignore_eos": True, **body}).encode()
    request = urllib.request.Request(server.url + path, data, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=120) as answer:
        return answer.read().decode()


def complete(server, **body):
    return json.loads(ask(server, "/completion", **{"prompt": STORY, "n_predict": 250, **body}))


def metric(server, name):
    with urllib.request.urlopen(server.url + "/metrics", timeout=10) as answer:
        lines = answer.read().decode().splitlines()
    return next(float(line.split()[1]) for line in lines if line.startswith(name + " "))


def test_a_full_context_ends_the_answer_unless_it_may_shift(start_server):
    server = start_server("--parallel", "1", "--ctx-size", N_CTX)
    answer = complete(server)
    assert answer["truncated"] is True and answer["stop_type"] == "limit"
    assert answer["tokens_evaluated"] + answer["tokens_predicted"] == N_CTX
    assert "dropped_n" not in answer["timings"]
    chat = json.loads(ask(server, "/v1/completions", prompt=STORY, max_tokens=250))
    assert chat["choices"][0]["finish_reason"] == "length"


def test_a_shifted_answer_is_complete_and_says_what_it_lost(shifting):
    before = metric(shifting, "samovar:context_shifts_total")
    answer = complete(shifting)
    assert answer["tokens_predicted"] == answer["timings"]["predicted_n"] == 250
    assert answer["truncated"] is True and answer["stop_type"] == "limit"
    assert answer["timings"]["dropped_n"] >= answer["tokens_evaluated"] + 250 - N_CTX
    assert answer["tokens_cached"] < N_CTX
    assert answer["generation_settings"]["n_keep"] == 8
    assert metric(shifting, "samovar:context_shifts_total") > before
    assert metric(shifting, "samovar:context_shift_tokens_total") > 0
    assert complete(shifting, n_predict=4)["truncated"] is False


def test_a_shifted_stream_has_the_text_of_the_whole_answer(shifting):
    whole = complete(shifting)["content"]
    lines = ask(shifting, "/completion", prompt=STORY, n_predict=250, stream=True).split("\n\n")
    parts = [json.loads(line[len("data: "):]) for line in lines if line.startswith("data: ")]
    assert "".join(part["content"] for part in parts) == whole
    assert parts[-1]["truncated"] is True
    stopped = complete(shifting, stop=[whole[-20:]])
    assert stopped["stop_type"] == "word" and whole.startswith(stopped["content"])


def test_a_request_says_what_stays_and_what_goes(shifting):
    answers = [complete(shifting, n_keep=n_keep, n_discard=n_discard)
               for n_keep, n_discard in [(0, 0), (-1, 0), (0, 100)]]
    assert len({answer["timings"]["dropped_n"] for answer in answers}) == 3
    assert answers[2]["timings"]["dropped_n"] % 100 == 0
    assert len({answer["content"][:100] for answer in answers}) == 1


def test_ollama_clients_ask_for_it_themselves(start_server):
    server = start_server("--parallel", "1", "--ctx-size", N_CTX)
    with urllib.request.urlopen(server.url + "/v1/models", timeout=10) as answer:
        model = json.load(answer)["data"][0]["id"]
    body = {"model": model, "prompt": STORY, "raw": True, "stream": False,
            "options": {"temperature": 0, "num_predict": 250, "num_ctx": 160}}
    for shift, n_tokens in [(False, None), (True, 250)]:
        answer = json.loads(ask(server, "/api/generate", shift=shift, **body))
        assert answer["done_reason"] == "length"
        assert answer["eval_count"] == (n_tokens or 160 - answer["prompt_eval_count"])


def test_a_cache_of_q8_0_shares_beginnings_and_shifts_too(start_server):
    server = start_server("--parallel", "2", "--ctx-size", N_CTX, "--cache-tokens", 2048, "-ctk", "q8_0", "-ctv", "q8_0",
                          "--context-shift")
    first, again = complete(server), complete(server)
    assert first["truncated"] is True and first["content"] == again["content"]
    assert again["timings"]["cache_n"] == first["tokens_evaluated"] - 1
