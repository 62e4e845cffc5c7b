"""Streams that end early, queues and shutdown.

SPDX-License-Identifier: Apache-2.0
"""

import http.client
import json
import re
import signal
import socket
import subprocess
import time

from server_process import ServerProcess

LONG = {"prompt": "Once upon a time", "max_tokens": 2000, "temperature": 0, "stream": True, "ignore_eos": True}


def start_stream(server, body=None):
    """A connection whose stream has begun, and its response."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("POST", "/v1/completions", json.dumps(body or LONG), {"Content-Type": "application/json"})
    response = connection.getresponse()
    assert response.status == 200
    assert response.readline().startswith(b"data: ")
    return connection, response


def metric(server, name):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", "/metrics")
    text = connection.getresponse().read().decode()
    return float(re.search(rf"^{re.escape(name)} (\S+)$", text, re.MULTILINE).group(1))


def wait_for(condition, seconds=20):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.02)
    return False


def test_a_client_that_goes_away_frees_its_slot(start_server):
    server = start_server()
    before = metric(server, "samovar:requests_cancelled_total")
    connection, response = start_stream(server)
    response.close()
    connection.close()
    assert wait_for(lambda: metric(server, "llamacpp:requests_processing") == 0)
    assert metric(server, "samovar:requests_cancelled_total") == before + 1
    assert metric(server, "llamacpp:tokens_predicted_total") < LONG["max_tokens"]


def test_a_client_that_goes_away_in_the_queue_is_forgotten(start_server):
    server = start_server()
    running = start_stream(server)
    waiting = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    waiting.request("POST", "/v1/completions", json.dumps(LONG), {"Content-Type": "application/json"})
    assert wait_for(lambda: metric(server, "llamacpp:requests_deferred") == 1)
    waiting.close()
    assert wait_for(lambda: metric(server, "llamacpp:requests_deferred") == 0)
    running[0].close()


def test_probes_answer_while_the_engine_works(start_server):
    server = start_server()
    running = start_stream(server)
    began = time.monotonic()
    assert server.is_ready()
    assert time.monotonic() - began < 2
    running[0].close()


def test_health_says_whether_a_server_is_ready(samovar, server):
    ready = subprocess.run([samovar.binary, "health", "--url", f"http://127.0.0.1:{server.port}/"], capture_output=True, text=True)
    assert (ready.returncode, ready.stdout) == (0, "ready\n")
    nobody = subprocess.run([samovar.binary, "health", "--url", "http://127.0.0.1:1"], capture_output=True, text=True)
    assert nobody.returncode != 0
    assert "127.0.0.1:1" in nobody.stderr


def test_health_asks_the_server_and_no_proxy(samovar, server):
    env = {"http_proxy": "http://127.0.0.1:1", "no_proxy": ""}
    assert samovar.run("health", "--url", server.url, env=env).returncode == 0


def test_a_server_whose_words_nobody_can_read_answers_and_ends_as_others_do(request, small_model):
    script = 'exec "$0" serve "$@" 2> /dev/full'
    server = ServerProcess.of_command(["sh", "-c", script, request.config.getoption("--bin"), str(small_model)], "/readyz")
    try:
        server.wait_until_ready()
        _, response = start_stream(server, {**LONG, "max_tokens": 60})
        server.process.send_signal(signal.SIGTERM)
        assert response.read().decode().rstrip().endswith("data: [DONE]")
    finally:
        assert server.stop() == 0


def test_a_pull_from_a_silent_hub_does_not_hold_up_the_end(start_server, tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as hub:  # takes connections, and says nothing
        env = {"HOME": str(tmp_path), "HF_HUB_CACHE": str(tmp_path / "hub"), "HF_ENDPOINT": f"http://127.0.0.1:{hub.getsockname()[1]}",
               "http_proxy": ""}
        server = start_server(env=env)
        client = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        client.request("POST", "/api/pull", json.dumps({"model": "u/r"}))
        asking, _ = hub.accept()
        assert server.stop() == 0
        asking.close()
        client.close()


def test_sigterm_lets_a_stream_end_and_refuses_new_work(start_server):
    server = start_server()
    body = {**LONG, "max_tokens": 60}
    _, response = start_stream(server, body)
    server.process.send_signal(signal.SIGTERM)
    rest = response.read().decode()
    assert rest.rstrip().endswith("data: [DONE]")
    server.process.wait(30)
    assert server.process.returncode == 0


def test_a_prompt_seen_before_comes_from_the_cache(server):
    body = {"prompt": "The quick brown fox jumps over the lazy dog. " * 20, "max_tokens": 1, "temperature": 0}
    answers = []
    for _ in range(2):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        connection.request("POST", "/v1/completions", json.dumps(body), {"Content-Type": "application/json"})
        answers.append(json.loads(connection.getresponse().read()))
    assert answers[1]["usage"]["prompt_tokens_details"]["cached_tokens"] > 100
    assert answers[0]["choices"][0]["text"] == answers[1]["choices"][0]["text"]


def test_wrong_paths_methods_and_bodies_are_told_in_openai_shape(server):
    cases = [("GET", "/nothing", None, 404), ("GET", "/v1/completions", None, 405), ("POST", "/health", "{}", 405),
             ("POST", "/v1/completions", "", 400), ("POST", "/v1/completions", "[]", 400),
             ("POST", "/v1/completions", "{", 400), ("POST", "/v1/completions", "{}", 400),
             ("POST", "/v1/chat/completions", '{"messages": 5}', 400),
             ("POST", "/v1/chat/completions", '{"messages": [], "tools": [{}]}', 400),
             ("POST", "/v1/chat/completions", "[" * 100_000, 413)]
    for method, path, body, status in cases:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request(method, path, body, {"Content-Type": "application/json"})
        response = connection.getresponse()
        answer = json.loads(response.read())
        assert response.status == status, (method, path, body, answer)
        assert set(answer["error"]) >= {"message", "type", "param", "code"}


def test_a_key_is_asked_for_everything_but_probes(start_server):
    server = start_server("--api-key", "sesame")

    def status(path, headers):
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
        connection.request("GET", path, headers=headers)
        return connection.getresponse().status

    assert status("/health", {}) == 200
    assert status("/v1/models", {}) == 401
    assert status("/v1/models", {"Authorization": "Bearer wrong"}) == 401
    assert status("/v1/models", {"Authorization": "Bearer sesame"}) == 200
    assert status("/v1/models", {"X-Api-Key": "sesame"}) == 200


def test_a_foreign_host_name_is_refused_on_loopback(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request("GET", "/v1/models", headers={"Host": "evil.example"})
    assert connection.getresponse().status == 403
