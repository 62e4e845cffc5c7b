"""`samovar gateway` in front of a stand-in node that answers late, wrongly, in part or not at all.

SPDX-License-Identifier: Apache-2.0
"""

import json
import socket
import threading
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

import cloud_stand_in
from cloud_process import (CHAT, NODE, TEXT, ask, begin_events, chunk, error_of, event, hang_up, metric, refuse,
                           text_of, until)


def test_a_wrong_folder_is_told_in_openais_shape(start_gateway):
    status, _, body = ask(start_gateway(folder="b1gother"))
    assert status == 403
    assert error_of(body)["message"] == "the node API: HTTP 403: Permission denied"


def test_a_wrong_node_is_told(start_gateway):
    status, _, body = ask(start_gateway(node=("--node", "bt1none")))
    assert status == 404
    assert error_of(body)["message"] == "the node API: HTTP 404: Node not found"


def test_a_node_that_pulls_its_image_is_waited_for(start_gateway, node):
    node.faults = [refuse(503, "pulling", Retry_After="1"), refuse(503, "pulling")]
    gateway = start_gateway()
    assert text_of(ask(gateway)[2]) == TEXT
    assert metric(gateway, 'samovar_gateway_retries_total{reason="not_ready"}') == 2


def test_a_node_with_too_many_requests_is_asked_again_when_it_says(start_gateway, node):
    node.faults = [refuse(429, "slow down", Retry_After="1")]
    assert text_of(ask(start_gateway())[2]) == TEXT
    assert len(node.asked) == 2


def test_patience_has_an_end(start_gateway, node):
    node.answer = refuse(503, "pulling", Retry_After="3")
    gateway = start_gateway("--wait", "2")
    status, headers, body = ask(gateway)
    assert status == 503 and headers["Retry-After"] == "3"
    assert error_of(body)["message"] == "the node API: HTTP 503: pulling"
    assert len(node.asked) == 1


def test_an_openai_error_of_the_node_passes_as_it_is(start_gateway, node):
    error = {"error": {"message": "no such model", "type": "invalid_request_error", "param": "model", "code": "model_not_found"}}
    node.answer = lambda handler, body: handler.send_json(404, error)
    status, _, body = ask(start_gateway())
    assert status == 404 and json.loads(body) == error


def test_an_error_page_becomes_an_error(start_gateway, node):
    def page(handler, body):
        handler.send_response(504)
        handler.send_header("Content-Length", "26")
        handler.end_headers()
        handler.wfile.write(b"<html>gateway\ntimeout</htm")

    node.answer = page
    status, _, body = ask(start_gateway())
    assert status == 504
    assert error_of(body)["message"] == "the node API: HTTP 504: <html>gateway timeout</htm"
    assert len(node.asked) == 1  # it may have worked on the request


def test_a_read_is_repeated_when_it_broke_off(start_gateway, node):
    node.faults = [hang_up, refuse(502)]
    assert ask(start_gateway(), "/v1/models", None)[0] == 200


def test_a_completion_that_may_have_run_is_not_repeated(start_gateway, node):
    node.faults = [hang_up]
    status, _, body = ask(start_gateway())
    assert status == 502
    assert "it may have worked on the request" in error_of(body)["message"]
    assert len(node.asked) == 1


def test_a_completion_is_not_repeated_over_a_connection_that_was_kept(start_gateway, node):
    gateway = start_gateway()
    urllib.request.urlopen(gateway.url + "/v1/models", timeout=30).read()
    node.faults = [hang_up]
    assert ask(gateway)[0] == 502
    assert [method for method, *_ in node.asked] == ["GET", "POST"]


@pytest.mark.parametrize("stream", [True, False])
def test_pings_are_no_silence(start_gateway, node, stream):
    def slow(handler, body):
        begin_events(handler)
        for _ in range(7):
            handler.send_chunk(b":\n\n")
            time.sleep(1)
        handler.send_chunk(event(chunk({"content": TEXT})) + event(chunk({}, "stop")) + b"data: [DONE]\n\n")
        handler.send_chunk(b"")

    node.answer = slow
    status, _, body = ask(start_gateway("--silence", "3"), body={**CHAT, "stream": stream})
    assert status == 200 and TEXT in body


def test_no_connection_is_tried_again_until_patience_ends(start_gateway):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # nobody listens there
        gateway = start_gateway("--wait", "2", node_api=f"http://127.0.0.1:{taken.getsockname()[1]}")
        status, _, body = ask(gateway)
    assert status == 502
    assert "no connection to the node" in error_of(body)["message"]
    assert metric(gateway, 'samovar_gateway_retries_total{reason="no_connection"}') >= 1


def test_a_redirect_of_the_node_api_is_not_followed(start_gateway, node, cloud):
    node.answer = lambda handler, body: handler.send_json(302, {}, Location=f"{cloud.url}/elsewhere")
    status, _, body = ask(start_gateway())
    assert status == 502
    assert "a redirect, which credentials do not follow" in error_of(body)["message"]
    assert len(node.asked) == 1


def break_off(handler, body):
    begin_events(handler)
    handler.send_chunk(event(chunk({"content": "Hel"})))
    hang_up(handler, body)


def test_a_stream_that_breaks_off_ends_with_an_error(start_gateway, node):
    node.answer = break_off
    gateway = start_gateway()
    status, _, body = ask(gateway, body={**CHAT, "stream": True})
    assert status == 200 and "Hel" in body and "[DONE]" not in body
    last = body.strip().split("\n\n")[-1].removeprefix("data: ")
    assert error_of(last)["code"] == "node_connection_lost"
    assert metric(gateway, "samovar_gateway_broken_answers_total") == 1


def test_an_answer_that_breaks_off_is_no_answer(start_gateway, node):
    node.answer = break_off
    status, _, body = ask(start_gateway())
    assert status == 502 and "Hel" not in body


def test_an_error_amid_the_stream_reaches_who_wanted_it_whole(start_gateway, node):
    def answer(handler, body):
        begin_events(handler)
        handler.send_chunk(event(chunk({"content": "Hel"})) + event({"error": {"message": "no memory left", "code": 503}}))
        handler.send_chunk(b"")

    node.answer = answer
    status, _, body = ask(start_gateway())
    assert status == 502 and error_of(body)["message"] == "no memory left"


def line(value):
    return json.dumps(value).encode() + b"\n"


# Of each family of answers: a request, the pieces of its stream, and what keeps that awake.
FAMILIES = {
    "/v1/chat/completions": (CHAT, [event(chunk({"role": "assistant", "content": TEXT}, "stop")), b"data: [DONE]\n\n"], b":\n\n"),
    "/v1/completions": ({"prompt": "p"}, [event({"choices": [{"index": 0, "text": TEXT}]}), b"data: [DONE]\n\n"], b":\n\n"),
    "/completion": ({"prompt": "p"}, [event({"index": 0, "content": TEXT, "stop": False}),
                                      event({"index": 0, "content": "", "stop": True})], b":\n\n"),
    "/api/chat": ({"stream": False}, [line({"message": {"role": "assistant", "content": TEXT}, "done": False}),
                                      line({"message": {"role": "assistant", "content": ""}, "done": True})], b" "),
    "/api/generate": ({"stream": False}, [line({"response": TEXT, "done": False}), line({"response": "", "done": True})], b" "),
}


class SlowWorker(BaseHTTPRequestHandler):
    """The server in a node: `seconds` for an answer; a stream brings nine signs of life meanwhile."""

    protocol_version = "HTTP/1.1"
    pause = threading.Event()
    seconds = 0

    def do_POST(self):
        wants_stream = json.loads(self.rfile.read(int(self.headers["Content-Length"]))).get("stream")
        _, pieces, ping = FAMILIES[self.path]
        stream_type = "application/x-ndjson" if ping == b" " else "text/event-stream"
        self.send_response(200)
        self.send_header("Content-Type", stream_type if wants_stream else "application/json")
        self.send_header("Connection", "close")
        if wants_stream:
            self.end_headers()
        for _ in range(9):
            self.pause.wait(self.seconds / 9)
            if wants_stream:
                self.wfile.write(ping)
        if not wants_stream:
            self.end_headers()
        self.wfile.write(b"".join(pieces))
        self.close_connection = True

    def log_message(self, *_):
        pass


@pytest.mark.parametrize("limit, seconds", [(1.5, 4.5), pytest.param(180, 330, marks=pytest.mark.large)])
def test_long_answers_outlive_the_nodes_limit_of_silence(start_gateway, cloud, limit, seconds):
    """Scaled at first: the node's 180 s are 1.5 s then, the answers take three times as long. Those of all families at once,
    through the gateway and past it."""
    worker = ThreadingHTTPServer(("127.0.0.1", 0), type("Worker", (SlowWorker,), {"seconds": seconds}))
    threading.Thread(target=worker.serve_forever, daemon=True).start()
    cloud.silence_seconds = limit
    cloud.nodes[NODE] = cloud_stand_in.Node(upstream=f"http://127.0.0.1:{worker.server_port}")
    gateway = start_gateway()
    headers = {"x-node-id": NODE, "x-folder-id": cloud_stand_in.FOLDER, "Authorization": f"Bearer {cloud.new_token()}"}

    def direct(path):
        body = json.dumps(FAMILIES[path][0]).encode()
        with pytest.raises(OSError):  # without the gateway it dies
            urllib.request.urlopen(urllib.request.Request(cloud.url + path, body, headers), timeout=400)

    with ThreadPoolExecutor(2 * len(FAMILIES)) as pool:
        answers = [pool.submit(ask, gateway, path, FAMILIES[path][0], timeout=400) for path in FAMILIES]
        dead = [pool.submit(direct, path) for path in FAMILIES]
        for path, answer in zip(FAMILIES, answers):
            status, answer_headers, body = answer.result()
            assert (status, answer_headers["Content-Type"]) == (200, "application/json; charset=utf-8"), path
            assert body.count(TEXT) == 1 and len(body.splitlines()) == 1, path
        for each in dead:
            each.result()
    worker.shutdown()


def test_a_client_that_leaves_ends_the_waiting_for_a_node(start_gateway, node):
    node.answer = refuse(503, "pulling", Retry_After="1")
    gateway = start_gateway()
    with pytest.raises(OSError):
        ask(gateway, timeout=0.5)
    until(lambda: metric(gateway, "samovar_gateway_requests_in_flight") == 0)
    n_asked = len(node.asked)
    assert ask(gateway, "/livez", None)[0] == 200
    assert len(node.asked) == n_asked


def test_a_node_that_writes_byte_by_byte_is_understood(start_gateway, node):
    def drip(handler, body):
        begin_events(handler)
        text = event(chunk({"role": "assistant", "content": "\u043f\u0440\u0438\u0432\u0435\u0442"}, "stop")) + b"data: [DONE]\n\n"
        for byte in text:
            handler.send_chunk(bytes([byte]))
        handler.send_chunk(b"")

    node.answer = drip
    assert text_of(ask(start_gateway())[2]) == "\u043f\u0440\u0438\u0432\u0435\u0442"


def test_a_silent_node_is_given_up(start_gateway, node):
    gone = threading.Event()
    node.answer = lambda handler, body: gone.wait(30)
    gateway = start_gateway("--silence", "2")
    status, _, body = ask(gateway)
    gone.set()
    assert status == 502
    assert error_of(body)["code"] == "no_answer"


def test_waiting_requests_hold_no_thread(start_gateway, node):
    node.faults = [refuse(503, "pulling", Retry_After="5")] * 4
    gateway = start_gateway("--parallel", "1")
    with ThreadPoolExecutor(4) as pool:
        waiting = [pool.submit(ask, gateway) for _ in range(4)]
        until(lambda: metric(gateway, "samovar_gateway_requests_waiting") == 4)
        assert ask(gateway)[0] == 200  # while four wait and there is one thread
        assert [answer.result()[0] for answer in waiting] == [200] * 4


def refuses_with_the_token_in_headers(handler, body):
    error = {"message": "no", "type": "invalid_request_error", "param": None, "code": None}
    handler.send_json(403, {"error": error}, X_Echo=handler.headers["Authorization"])


def streams_the_token(handler, body):
    """Cut in two pieces."""
    begin_events(handler)
    said = event(chunk({"content": f"called with {handler.headers['Authorization']}."}, "stop")) + b"data: [DONE]\n\n"
    middle = said.index(b"t1.") + 20
    for piece in (said[:middle], said[middle:], b""):
        handler.send_chunk(piece)
        time.sleep(0.05)


def breaks_off_with_the_token(handler, body):
    begin_events(handler)
    handler.send_chunk(event({"error": {"message": "auth " + handler.headers["Authorization"], "code": 500}}))
    handler.send_chunk(b"")


def test_no_secret_is_seen_anywhere(start_gateway, cloud, node, tmp_path):
    """Canaries: key, JWT and tokens; in the log at its most talkative, /metrics, argv, the process's files and errors."""
    gateway = start_gateway()
    cloud.iam_faults = [lambda handler, body: handler.send_json(400, {"message": body.decode()})] * 3

    def parrot(handler, body):
        handler.send_json(400, {"message": str(handler.headers), "error": str(handler.headers)})

    node.faults = [parrot, refuse(401), break_off, hang_up]
    seen = "".join(str(ask(gateway)) for _ in range(6)) + ask(gateway, "/metrics", None)[2]
    for fault in (refuses_with_the_token_in_headers, streams_the_token, breaks_off_with_the_token):
        for body in (CHAT, {**CHAT, "stream": True}):
            node.faults = [fault]
            status, headers, said = ask(gateway, body=body)
            seen += f"{status} {headers} {said}"
            assert "[secret]" in f"{headers} {said}", fault
    process = Path(f"/proc/{gateway.server.pid}")
    seen += (process / "cmdline").read_text().replace("\0", " ") + gateway.server.logged()
    assert "[secret]" in seen
    for secret in cloud.secrets:
        for begin in range(0, len(secret) - 12, 12):
            assert secret[begin : begin + 12] not in seen
