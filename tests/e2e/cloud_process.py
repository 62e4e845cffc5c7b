"""`samovar gateway` as a process in front of the stand-in, and answers for its nodes.

SPDX-License-Identifier: Apache-2.0
"""

import json
import re
import time
import urllib.error
import urllib.request

from server_process import ServerProcess

import cloud_stand_in

NODE = "bt1node0000000000000"
WORDS = ["Hello", " ", "there", ",", " world", "."]
TEXT = "".join(WORDS)
CHAT = {"messages": [{"role": "user", "content": "Say hello."}]}


def chunk(delta, finish=None, **more):
    return {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m",
            "choices": [{"index": 0, "delta": delta, "finish_reason": finish}], **more}


def event(value):
    return f"data: {json.dumps(value)}\n\n".encode()


def begin_events(handler):
    handler.send_response(200)
    handler.send_header("Content-Type", "text/event-stream")
    handler.begin_chunks()


def answer_chat(handler, body):
    """A node's answer to anything: WORDS to completions, streamed when asked for; a list of models else."""
    if handler.command != "POST":
        return handler.send_json(200, {"object": "list", "data": [{"id": "m", "object": "model", "created": 1, "owned_by": "me"}]})
    if not json.loads(body).get("stream"):
        message = {"role": "assistant", "content": TEXT}
        return handler.send_json(200, {"id": "c1", "object": "chat.completion", "created": 1, "model": "m",
                                       "choices": [{"index": 0, "message": message, "finish_reason": "stop"}]})
    begin_events(handler)
    handler.send_chunk(event(chunk({"role": "assistant", "content": None})))
    for word in WORDS:
        handler.send_chunk(event(chunk({"content": word})))
    handler.send_chunk(event(chunk({}, "stop")))
    usage = {"prompt_tokens": 1, "completion_tokens": len(WORDS), "total_tokens": 1 + len(WORDS)}
    handler.send_chunk(event({**chunk({}), "choices": [], "usage": usage}))
    handler.send_chunk(b"data: [DONE]\n\n")
    return handler.send_chunk(b"")


def refuse(status, message="refused", **headers):
    """A fault: that status, for whoever asks."""
    return lambda handler, body: handler.send_json(status, {"code": status, "message": message}, **headers)


def hang_up(handler, body):
    handler.close_connection = True
    handler.connection.shutdown(2)


def target(cloud):
    """The flags of commands that ask nodes of the stand-in."""
    return ("--iam", cloud.url, "--node-api", cloud.url, "--folder", cloud_stand_in.FOLDER)


class GatewayProcess:
    """Runs from its construction to stop(). `log` is what it has written."""

    def __init__(self, binary, cloud, *options, env=None, node=("--node", NODE), folder=cloud_stand_in.FOLDER, node_api=None):
        command = [binary, "gateway", *node, "--folder", folder, "--iam", cloud.url, "--node-api", node_api or cloud.url,
                   "--log-level", "debug", *map(str, options)]
        clean = {"YC_TOKEN": "", "YC_API_KEY": "", "YC_FOLDER_ID": "", "no_proxy": "*", **(env or {})}
        self.server = ServerProcess.of_command(command, "/readyz", clean)
        self.url = self.server.url
        self.log = ""

    def wait_until_ready(self):
        self.server.wait_until_ready()
        return self

    def stop(self):
        code = self.server.stop()
        self.log = self.server.logged()
        return code


def fails_to_start(request, cloud, *options, env=None):
    """RETURNS (exit code, what was said) of a gateway that can't start."""
    gateway = GatewayProcess(request.config.getoption("--bin"), cloud, *options, env=env)
    code = gateway.server.process.wait(60)
    gateway.stop()
    assert_no_secret(cloud, gateway.log)
    return code, gateway.log


def until(condition, seconds=60):
    """Waits until `condition()` holds, and RETURNS what it gave."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.02)
    return value


def ask(gateway, path="/v1/chat/completions", body=CHAT, headers=None, timeout=60):
    """RETURNS (status, headers, body) of a POST, or of a GET when there is no body."""
    data = None if body is None else json.dumps(body).encode() if not isinstance(body, bytes) else body
    request = urllib.request.Request(gateway.url + path, data, {"Content-Type": "application/json", **(headers or {})})
    try:
        with urllib.request.urlopen(request, timeout=timeout) as answer:
            return answer.status, answer.headers, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def text_of(body):
    return json.loads(body)["choices"][0]["message"]["content"]


def error_of(body):
    return json.loads(body)["error"]


def metric(gateway, name):
    """The value of a sample of the gateway's /metrics; 0 when it is not there."""
    found = re.search(rf"^{re.escape(name)} (\S+)$", ask(gateway, "/metrics", None)[2], re.M)
    return float(found[1]) if found else 0.0


def assert_no_secret(cloud, text):
    for secret in cloud.secrets:
        for piece in (secret, secret[:24], secret[-24:]):
            assert piece not in text
