"""One client never harms another: disconnects, slow and large bodies, and the end of the server.

SPDX-License-Identifier: Apache-2.0
"""

import json
import random
import re
import resource
import signal
import socket
import struct
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from lifetime_test import metric, start_stream, wait_for

MIB = 1 << 20
SLOTS = 4
STORY = {"prompt": "Once upon a time", "max_tokens": 200, "temperature": 0, "stream": True, "ignore_eos": True}
LEFT = {"prompt": "The quick brown fox. " * 30, "max_tokens": 400, "temperature": 0, "stream": True, "ignore_eos": True}


@pytest.fixture(scope="module")
def server(start_server):
    return start_server("--parallel", SLOTS, "--ctx-size", "640")


def anonymous_bytes(server):
    status = Path(f"/proc/{server.pid}/status").read_text()
    return 1024 * sum(int(re.search(rf"{name}:\s+(\d+) kB", status).group(1)) for name in ("RssAnon", "VmSwap"))


def n_descriptors(server):
    return len(list(Path(f"/proc/{server.pid}/fd").iterdir()))


def story(server):
    with requests.post(f"{server.url}/v1/completions", json=STORY, timeout=300) as answer:
        assert answer.status_code == 200, answer.text
        lines = [json.loads(line[6:]) for line in answer.text.split("\n\n") if line.startswith("data: {")]
    assert answer.text.rstrip().endswith("[DONE]")
    return "".join(line["choices"][0]["text"] for line in lines)


def connect(server):
    return socket.create_connection(("127.0.0.1", server.port), timeout=60)


def request_bytes(path, body):
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def leave(server, moment):
    """Asks for a long answer and goes at a random moment: amid the request, at once, or after some of the answer."""
    whole = request_bytes("/v1/completions", json.dumps(LEFT).encode())
    peer = connect(server)
    stage = moment.choice(["request", "at once", "answer"])
    peer.sendall(whole[: moment.randrange(1, len(whole))] if stage == "request" else whole)
    if stage == "answer":
        wanted = moment.randrange(1, 6000)
        while wanted > 0:
            got = peer.recv(min(wanted, 4096))
            assert got, "the answer ended early"
            wanted -= len(got)
    if moment.random() < 0.5:  # RST, else FIN
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    peer.close()


def leave_often(server, seed, n):
    moment = random.Random(seed)
    for _ in range(n):
        leave(server, moment)


def disconnect_many(server, n):
    """n clients that leave, as many at a time as make some of them wait, beside stories told again and again. RETURNS the stories."""
    told, over = [], threading.Event()

    def tell():
        while not over.is_set():
            told.append(story(server))

    teller = threading.Thread(target=tell)
    teller.start()
    try:
        with ThreadPoolExecutor(SLOTS + 2) as pool:
            list(pool.map(lambda seed: leave_often(server, seed, n // (SLOTS + 2)), range(SLOTS + 2)))
    finally:
        over.set()
        teller.join()
    return told


def warm_up(server):
    """Until all that grows once has grown: memory of the KV cache counts once it was used, and it is full while each slot fills its context."""
    def fill(number):
        body = {"prompt": f"Chapter {number}.", "temperature": 0, "ignore_eos": True}
        assert requests.post(f"{server.url}/v1/completions", json=body, timeout=300).status_code == 200

    with ThreadPoolExecutor(SLOTS) as pool:
        list(pool.map(fill, range(SLOTS)))
    disconnect_many(server, 12)


def check_disconnects(server, n):
    alone = story(server)
    warm_up(server)
    assert wait_for(lambda: metric(server, "llamacpp:requests_processing") == 0)
    before, descriptors = anonymous_bytes(server), n_descriptors(server)
    cancelled = metric(server, "samovar:requests_cancelled_total")
    assert set(disconnect_many(server, n)) == {alone}
    assert wait_for(lambda: metric(server, "llamacpp:requests_processing") + metric(server, "llamacpp:requests_deferred") == 0)
    assert metric(server, "samovar:requests_cancelled_total") > cancelled
    assert wait_for(lambda: n_descriptors(server) <= descriptors)
    assert anonymous_bytes(server) - before < 8 * MIB
    assert story(server) == alone


def test_clients_that_leave_harm_nobody(server):
    check_disconnects(server, 48)


@pytest.mark.large
def test_300_clients_that_leave_harm_nobody(server):
    check_disconnects(server, 300)


def test_a_slot_is_free_within_a_few_steps_of_a_disconnect(server):
    for _ in range(10):
        connection, response = start_stream(server, LEFT)
        steps = metric(server, "llamacpp:n_decode_total")
        response.close()
        connection.close()
        assert wait_for(lambda: metric(server, "llamacpp:requests_processing") == 0)
        # The step under way, and those that passed while these figures were on their way here.
        assert metric(server, "llamacpp:n_decode_total") - steps < 40 < LEFT["max_tokens"]


def test_sigterm_under_load_cuts_no_answer(start_server):
    # More grace than a busy machine takes: how fast it answers is not what is tested.
    server = start_server("--parallel", "2", "--ctx-size", "512", "--drain", "300")
    answers = []
    with ThreadPoolExecutor(6) as pool:
        running = [pool.submit(story, server) for _ in range(6)]
        assert wait_for(lambda: metric(server, "llamacpp:requests_processing") + metric(server, "llamacpp:requests_deferred") == 6)
        server.process.send_signal(signal.SIGTERM)
        answers = [one.result() for one in running]
    assert len(set(answers)) == 1
    assert server.process.wait(300) == 0


def hold_slow_connections(server, n):
    """n connections: amid the head, amid the body, and idle after an answer."""
    held = []
    for i in range(n):
        peer = connect(server)
        if i % 3 == 0:
            peer.sendall(b"POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        elif i % 3 == 1:
            peer.sendall(request_bytes("/v1/completions", b" " * 5000)[:-1000])
        else:
            peer.sendall(b"GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert peer.recv(4096).startswith(b"HTTP/1.1 200")
        held.append(peer)
    return held


def check_slow_connections(server, n):
    alone, before = story(server), anonymous_bytes(server)
    held = hold_slow_connections(server, n)
    try:
        assert n_descriptors(server) >= n
        assert story(server) == alone
        assert anonymous_bytes(server) - before < 32 * MIB
    finally:
        for peer in held:
            peer.close()
    assert wait_for(lambda: n_descriptors(server) < n)


def test_slow_connections_do_not_stop_a_good_client(server):
    check_slow_connections(server, 90)


@pytest.mark.large
def test_1000_slow_connections_do_not_stop_a_good_client(start_server):
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 4096), hard))
    try:
        check_slow_connections(start_server("--ctx-size", "512"), 1000)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def begin_large_body(server, n_bytes):
    """A body that lacks its last byte. RETURNS the connection, and what the server said to it so far."""
    peer = connect(server)
    head, _, body = request_bytes("/v1/completions", b'"' + b"x" * (n_bytes - 1)).partition(b"\r\n\r\n")
    try:
        peer.sendall(head + b"\r\n\r\n" + body[:-1])
        peer.settimeout(0.2)
        return peer, peer.recv(4096)
    except TimeoutError:
        return peer, b""
    except OSError:  # refused amid the body
        return peer, b"reset"


def test_large_bodies_share_one_limit_and_small_ones_go_past_it(start_server):
    server = start_server("--ctx-size", "512")
    before = anonymous_bytes(server)
    held = [begin_large_body(server, 31 * MIB) for _ in range(8)]
    taken = [said for _, said in held if not said]
    assert 1 <= len(taken) <= 4
    assert all(said == b"reset" or (b" 503 " in said and b"Retry-After" in said) for _, said in held if said)
    assert anonymous_bytes(server) - before < 4 * 2 * 32 * MIB
    assert story(server)
    for peer, _ in held:
        peer.close()
    assert wait_for(lambda: n_descriptors(server) < 60)
    again = requests.post(f"{server.url}/v1/completions", b"x" * (31 * MIB), timeout=60)
    assert again.status_code == 400


def test_a_hostile_text_takes_no_more_than_the_plan_has_for_bodies(start_server):
    server = start_server("--ctx-size", "512", "--parallel", "1", "--memory", "420M")
    assert "HTTP 64 MiB" in server.logged()
    before = server.peak_bytes()
    for size, statuses in ((24 * MIB, {413}), (18 * MIB, {413}), (5 * MIB, {400}), (200_000, {400})):
        answer = requests.post(f"{server.url}/completion", json={"prompt": "a" * size}, timeout=120)
        assert answer.status_code in statuses
        assert "bytes" in answer.text or "context" in answer.text
    assert server.peak_bytes() - before < 72 * MIB  # and what first requests touch


def test_a_text_far_too_long_costs_little_memory(start_server):
    """One word of 10 MiB: to merge all its bytes at once would take 32 times as much."""
    server = start_server("--ctx-size", "512", "--parallel", "1")
    before = server.peak_bytes()
    word = "a" * (10 * MIB)
    for path, body in [("/v1/completions", {"prompt": word}), ("/completion", {"prompt": [1, word]}),
                       ("/v1/embeddings", {"input": word}),
                       ("/v1/chat/completions", {"messages": [{"role": "user", "content": word[:5 * MIB]}]})]:
        answer = requests.post(server.url + path, json=body, timeout=120)
        assert answer.status_code == 400 and answer.json()["error"]["type"] == "exceed_context_size_error", answer.text
    assert requests.post(f"{server.url}/tokenize", json={"content": word}, timeout=120).status_code == 200
    assert server.peak_bytes() - before < 160 * MIB


def test_probes_are_answered_while_a_long_text_becomes_tokens(server):
    body = {"content": "Once upon a time there was a fox. " * (8 * MIB // 34)}
    with ThreadPoolExecutor(1) as pool:
        long = pool.submit(requests.post, f"{server.url}/tokenize", json=body, timeout=300)
        n_probes = 0
        while not long.done():
            assert requests.get(f"{server.url}/health", timeout=10).status_code == 200
            n_probes += 1
    assert long.result().status_code == 200
    assert n_probes > 5
