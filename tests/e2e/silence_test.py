"""A stream is never silent for long, whatever the prompt: nodes and proxies hang up after some time of silence.

SPDX-License-Identifier: Apache-2.0
"""

import http.client
import json
import time
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor

import pytest

LONGEST_SILENCE = 15  # seconds
WORDS = "The quick brown fox jumps over the lazy dog. " * 100  # a thousand tokens
CHAT = [{"role": "user", "content": WORDS}]
# path -> body; the last is Ollama's, whose lines know no comments
STREAMS = {
    "/v1/chat/completions": {"messages": CHAT, "max_tokens": 2, "stream": True},
    "/v1/completions": {"prompt": "One. " + WORDS, "max_tokens": 2, "stream": True},
    "/completion": {"prompt": "Two. " + WORDS, "n_predict": 2, "stream": True},
    "/api/chat": {"messages": [{"role": "user", "content": "Three. " + WORDS}], "options": {"num_predict": 2}},
}


@pytest.fixture(scope="module")
def slow_server(start_server):
    """One that takes a minute or more for these prompts on any machine: the slowest kernels."""
    return start_server("--threads", "1", "--ctx-size", "8192", "--alias", "m", env={"SAMOVAR_ISA": "scalar"})


def listen(server, path, body):
    """RETURNS the pieces of a stream as (seconds since the request, bytes); the first is the head."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=600)
    began = time.monotonic()
    connection.request("POST", path, json.dumps({"model": "m", **body}), {"Content-Type": "application/json"})
    answer = connection.getresponse()
    assert answer.status == 200, answer.read()
    pieces = [(time.monotonic() - began, b"")]
    while piece := answer.read1(65536):
        pieces.append((time.monotonic() - began, piece))
    return pieces


@pytest.mark.large
def test_streams_of_all_families_give_signs_of_life_while_their_prompts_are_read(slow_server):
    with ThreadPoolExecutor(len(STREAMS)) as pool:
        streams = dict(zip(STREAMS, pool.map(lambda item: listen(slow_server, *item), STREAMS.items())))
    for path, pieces in streams.items():
        times = [0.0] + [seconds for seconds, _ in pieces]
        silences = [after - before for before, after in zip(times, times[1:])]
        assert max(silences) <= LONGEST_SILENCE, (path, silences)
    pings = {path: b"".join(piece for _, piece in pieces).count(b":\n\n") for path, pieces in streams.items()}
    lines = b"".join(piece for _, piece in streams["/api/chat"])
    assert lines.startswith(b" ") and all(json.loads(line) for line in lines.splitlines())
    assert all(pings[path] for path in pings if path != "/api/chat"), pings  # the prompts were long enough to tell


def test_a_prompt_of_megabytes_is_judged_as_soon(slow_server):
    body = {"messages": [{"role": "user", "content": WORDS * 2000}], "stream": True}  # 9 MB
    request = urllib.request.Request(slow_server.url + "/v1/chat/completions", json.dumps(body).encode())
    began = time.monotonic()
    with pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(request, timeout=120)
    assert caught.value.code == 400 and time.monotonic() - began <= LONGEST_SILENCE
