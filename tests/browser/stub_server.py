"""A server whose answers a test writes: the page comes from a real samovar, the API from here.

SPDX-License-Identifier: Apache-2.0
"""

import json
import threading
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODELS = ("tiny-chat.gguf", "other-chat.gguf")
CONTEXT = 4096
PASSED_ON = ("Content-Type", "Content-Security-Policy", "Cache-Control", "ETag", "X-Content-Type-Options")


class Cut:
    """As a part: the connection ends here, without a last event."""


@dataclass
class Failure:
    """As a part: an event with this error, the last one."""
    error: dict


@dataclass
class Reply:
    """What the next request for an answer gets.

    A part is text, a delta (dict), seconds (float), an Event to wait for, a Failure, or Cut.
    """
    parts: list = field(default_factory=lambda: ["Hello."])
    status: int = 200
    error: dict = field(default_factory=dict)
    headers: dict = field(default_factory=dict)
    finish: str = "stop"
    n_prompt: int = 40


def chunk(delta, finish=None):
    return {"object": "chat.completion.chunk", "model": MODELS[0],
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]}


def last_chunk(reply, n_answer):
    return {"object": "chat.completion.chunk", "model": MODELS[0], "choices": [],
            "usage": {"prompt_tokens": reply.n_prompt, "completion_tokens": n_answer},
            "timings": {"prompt_n": reply.n_prompt, "cache_n": 0, "prompt_per_second": 321.5,
                        "predicted_per_second": 24.1, "predicted_ms": n_answer / 24.1 * 1000}}


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def send(self, status, body, headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def send_json(self, status, value, headers=None):
        self.send(status, json.dumps(value).encode(), {"Content-Type": "application/json", **(headers or {})})

    def refused(self):
        stub = self.server.stub
        if not stub.key or self.headers.get("Authorization") == f"Bearer {stub.key}":
            return False
        self.send_json(401, {"error": {"message": "Invalid API Key", "code": "invalid_api_key"}})
        return True

    def do_GET(self):
        if self.path == "/health":
            self.send_json(200, {"status": "ok", "slots_idle": 1})
        elif self.path == "/v1/models":
            if not self.refused():
                stub = self.server.stub
                self.send_json(200, {"data": [{"id": name, "meta": {"n_ctx": CONTEXT} if name in stub.loaded else None}
                                              for name in stub.models]})
        else:
            self.pass_on()

    def pass_on(self):
        try:
            answer = urllib.request.urlopen(self.server.stub.page_url + self.path, timeout=10)
        except urllib.error.HTTPError as error:
            answer = error
        with answer:
            kept = {name: answer.headers[name] for name in PASSED_ON if answer.headers[name]}
            self.send(answer.status, answer.read(), kept)

    def do_POST(self):
        stub = self.server.stub
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.refused():
            return
        stub.requests.append(body)
        reply = stub.replies.pop(0) if stub.replies else Reply()
        if reply.status != 200:
            self.send_json(reply.status, {"error": reply.error}, reply.headers)
        else:
            stub.loaded.add(body["model"])
            self.stream(reply)

    def stream(self, reply):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.close_connection = True
        try:
            self.write_parts(reply)
        except OSError:
            self.server.stub.left.set()

    def write_parts(self, reply):
        n_answer = 0
        for part in reply.parts:
            if part is Cut:
                return
            if isinstance(part, Failure):
                self.event({"error": part.error})
                return self.end()
            if isinstance(part, float):
                time.sleep(part)
            elif isinstance(part, threading.Event):
                self.wait_for(part)
            else:
                n_answer += 1
                self.event(chunk(part if isinstance(part, dict) else {"content": part}))
        self.event(chunk({}, reply.finish))
        self.event(last_chunk(reply, n_answer))
        self.raw(b"data: [DONE]\n\n")
        self.end()

    def end(self):
        self.wfile.write(b"0\r\n\r\n")

    def wait_for(self, event):
        """Writes comments meanwhile, so that a client that leaves is noticed."""
        while not event.wait(0.05):
            self.raw(b": waiting\n\n")

    def event(self, value):
        self.raw(f"data: {json.dumps(value)}\n\n".encode())

    def raw(self, data):
        self.wfile.write(f"{len(data):x}\r\n".encode() + data + b"\r\n")
        self.wfile.flush()


class StubServer:
    """Runs from its construction to stop()."""

    def __init__(self, page_url):
        self.page_url = page_url
        self.requests = []  # bodies of the requests for answers
        self.replies = []  # for the next of them, in order; then Reply()
        self.models = MODELS
        self.loaded = set(MODELS)  # who answers is loaded
        self.key = ""
        self.left = threading.Event()  # a client went away while it was answered
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.stub = self
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}"
        threading.Thread(target=self.http.serve_forever, daemon=True).start()

    def stop(self):
        self.http.shutdown()
        self.http.server_close()
