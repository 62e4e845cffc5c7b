"""`samovar serve` while allocations and file writes fail: it refuses to start with a word, or answers and goes on.

SPDX-License-Identifier: Apache-2.0
"""

import errno
import http.client
import json
import resource
import time
from pathlib import Path

import pytest

from faults import FOR_GOOD, call_numbers
from server_process import START_SECONDS, ServerProcess

SECONDS = 20
OUT_OF_MEMORY = 71  # the exit code
CHAT = {"messages": [{"role": "user", "content": "Say tea."}], "max_tokens": 2, "temperature": 0}
PATH = "/v1/chat/completions"


def ask(port, body):
    """RETURNS (HTTP status, body); the status is 0 when the connection was cut before an answer was whole."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("POST", PATH, json.dumps(body), {"Content-Type": "application/json"})
        response = connection.getresponse()
        return response.status, response.read().decode()
    except (http.client.HTTPException, ConnectionError):
        return 0, ""
    finally:
        connection.close()


def text_of(body, stream):
    if not stream:
        return json.loads(body)["choices"][0]["message"]["content"]
    lines = [line.removeprefix("data: ") for line in body.splitlines() if line.startswith("data: {")]
    return "".join(json.loads(line)["choices"][0]["delta"].get("content") or "" for line in lines)


def is_clean_error(status, body, stream):
    if status == 0:
        return True
    if stream and status == 200:
        last = [line for line in body.splitlines() if line.startswith("data: ")][-1]
        return "error" in json.loads(last.removeprefix("data: "))
    return status in (500, 503) and set(json.loads(body)["error"]) >= {"message", "type", "param", "code"}


def is_whole(status, body, stream):
    return status == 200 and (not stream or body.rstrip().endswith("data: [DONE]"))


@pytest.fixture
def serve(samovar, small_model, tmp_path):
    """serve(env): a server with a home of its own, ended with the test."""
    servers = []
    home = {"HOME": str(tmp_path), "XDG_STATE_HOME": str(tmp_path / "state"), "HF_HUB_CACHE": str(tmp_path / "hub")}

    def start(env):
        servers.append(ServerProcess(samovar.binary, small_model, "--ctx-size", 256, "--drain", 5, env={**home, **env}))
        return servers[-1]

    yield start
    for server in servers:
        server.stop()


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("lasting", [0, 30], ids=["once", "for a while"])
def test_a_request_without_memory_ends_and_the_next_is_served(faults, serve, stream, lasting):
    server = serve(faults.plan("malloc", faults.at_file(), errno.ENOMEM, lasting)).wait_until_ready()
    body = {**CHAT, "stream": stream}
    usual = text_of(ask(server.port, body)[1], stream)
    statuses = []
    for number in call_numbers(dense=40 if lasting else 400):
        faults.arm(server.pid, number)
        status, answer = ask(server.port, body)
        struck = faults.struck()
        faults.arm(server.pid, 0)
        assert server.process.poll() is None, f"malloc {number}: the server died:\n{server.logged()[-500:]}"
        if is_whole(status, answer, stream):
            assert text_of(answer, stream) == usual, f"malloc {number}: success, but another answer"
        else:
            assert struck and is_clean_error(status, answer, stream), f"malloc {number}: {status} {answer}"
        status, answer = ask(server.port, body)
        assert is_whole(status, answer, stream), f"after malloc {number}: {status} {answer}\n{server.logged()[-500:]}"
        statuses.append(status)
        if not struck:
            break
    assert len(statuses) > 40, f"only {len(statuses)} allocations could be struck"
    assert server.stop() == 0


def data_bytes(pid):
    """Private writable memory, what RLIMIT_DATA limits: unlike RLIMIT_AS also inside heaps that malloc reserved before."""
    status = Path(f"/proc/{pid}/status").read_text()
    return 1024 * int(status.split("VmData:")[1].split()[0])


def test_a_server_at_its_memory_limit_answers_and_recovers(serve):
    server = serve({}).wait_until_ready()
    usual = text_of(ask(server.port, CHAT)[1], False)
    unlimited = resource.prlimit(server.pid, resource.RLIMIT_DATA)
    resource.prlimit(server.pid, resource.RLIMIT_DATA, (data_bytes(server.pid) + (1 << 20), unlimited[1]))
    statuses = set()
    for number in range(40):
        status, answer = ask(server.port, {"messages": [{"role": "user", "content": "x " * 50_000 * number}]})
        assert server.process.poll() is None, f"{number}: the server died:\n{server.logged()[-500:]}"
        assert status == 400 or is_clean_error(status, answer, False) or is_whole(status, answer, False)
        statuses.add(status)
    assert statuses & {0, 503}, "the limit was not felt"
    resource.prlimit(server.pid, resource.RLIMIT_DATA, unlimited)
    assert text_of(ask(server.port, CHAT)[1], False) == usual


def end_of(server):
    """Waits until the server answers or has ended. RETURNS its exit code, or None."""
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline:
        if server.process.poll() is not None or server.is_ready():
            return server.process.poll()
        time.sleep(0.005)
    pytest.fail(f"neither ready nor ended:\n{server.logged()}")


def assert_start_or_word(server, faults, what):
    """RETURNS whether the fault struck during the start."""
    code = end_of(server)
    if code is None:
        struck = faults.struck()
        faults.arm(server.pid, 0)
        assert is_whole(*ask(server.port, CHAT), False), f"{what}: {server.logged()[-500:]}"
        code = server.stop()
        assert code == 0, f"{what}: exit {code}: {server.logged()[-500:]}"
    else:
        said = server.logged().strip()
        assert code > 0 and said, f"{what}: exit {code}: {said[-500:]}"
        struck = True
    return struck


def start_call_numbers(kind):
    """Every mmap; of the tens of thousands of mallocs every 13th of the first 1,000, then 3 % further each."""
    number = 1
    while True:
        yield number
        number += 1 if kind == "mmap" else max(13, number * 3 // 100)


@pytest.mark.parametrize("kind", ["malloc", "mmap"])
@pytest.mark.parametrize("lasting", [0, FOR_GOOD], ids=["once", "for good"])
def test_a_start_without_memory_ends_with_a_word(faults, serve, kind, lasting):
    for number in start_call_numbers(kind):
        server = serve(faults.plan(kind, faults.at_file(number), errno.ENOMEM, lasting))
        code = end_of(server)
        if code is None and lasting:
            assert server.stop() in (0, OUT_OF_MEMORY), server.logged()[-500:]
            return
        if not assert_start_or_word(server, faults, f"{kind} {number}"):
            return


@pytest.mark.parametrize("kind, error", [("write", errno.ENOSPC), ("write", 0), ("fsync", errno.EIO),
                                         ("rename", errno.EACCES)])
def test_a_start_on_a_bad_disk_leaves_no_half_file(faults, serve, tmp_path, kind, error):
    for number in call_numbers(dense=10):
        server = serve(faults.plan(kind, faults.at_file(number), error))
        struck = assert_start_or_word(server, faults, f"{kind} {number}")
        left = [path for path in (tmp_path / "state").rglob("*") if path.is_file()]
        assert not left, f"{kind} {number}: {left}"
        if not struck:
            return
