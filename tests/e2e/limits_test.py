"""Inside a cgroup: the memory limit is kept, memory that is short is given back, and the threads follow the CPU quota. (bench/limits takes longer.)

SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import subprocess
import time
import urllib.request

import pytest

import cgroup
from mixed_load import MixedLoad
from server_process import ServerProcess

MIB = 1 << 20
pytestmark = pytest.mark.skipif(not cgroup.is_possible(), reason="needs root and cgroups that it may make")


@pytest.fixture
def box(request):
    """box(memory_bytes=None, cores=None): a cgroup, removed when the test ends."""
    boxes = []

    def make(**limits):
        boxes.append(cgroup.Cgroup(f"samovar-test-{os.getpid()}-{len(boxes)}", **limits))
        return boxes[-1]

    yield make
    for one in boxes:
        one.close()


def run_in(box, *command):
    environment = {**os.environ, **box.environment()}
    return subprocess.run(box.command(command), env=environment, capture_output=True, text=True, timeout=120)


def serve_in(box, samovar, model, *arguments):
    command = box.command([samovar.binary, "serve", model, *arguments])
    return ServerProcess.of_command(command, "/readyz", env=box.environment()).wait_until_ready()


def test_a_server_keeps_to_its_plan_inside_a_memory_limit(samovar, small_model, box):
    inside = box(memory_bytes=450 * MIB)
    plan = json.loads(run_in(inside, samovar.binary, "plan", small_model, "--json").stdout)
    assert plan["total_bytes"] < 450 * MIB
    server = serve_in(inside, samovar, small_model)
    try:
        counts = MixedLoad(f"127.0.0.1:{server.port}", plan, seconds=15).run()
        peak = server.peak_bytes()
    finally:
        server.stop()
    assert inside.oom_kills() == 0
    assert peak <= 1.03 * plan["total_bytes"]
    assert {status for _, status in counts} <= {200, 400, 413, 503, "unfinished"}
    assert counts["long_prompt", 200] > 0


def test_what_does_not_fit_the_limit_is_refused_with_the_ledger(samovar, small_model, box):
    result = run_in(box(memory_bytes=200 * MIB), samovar.binary, "serve", small_model, "--port", "0")
    assert result.returncode not in (0, 134, 137, 139)
    assert "does not fit" in result.stderr and "weights 94 MiB" in result.stderr


def wait_for_line(server, words, seconds=10):
    deadline = time.monotonic() + seconds
    while words not in server.logged() and time.monotonic() < deadline:
        time.sleep(0.1)
    return words in server.logged()


def test_what_is_kept_of_prompts_is_given_back_while_memory_is_short(samovar, small_model, box):
    """A limit that is lowered under the server leaves it the last hundredth."""
    inside = box(memory_bytes=800 * MIB)
    server = serve_in(inside, samovar, small_model, "--ctx-size=4096", "--parallel=2")
    try:
        request = urllib.request.Request(f"http://127.0.0.1:{server.port}/completion",
                                         json.dumps({"prompt": list(range(100, 3000)), "n_predict": 1}).encode())
        urllib.request.urlopen(request, timeout=120).read()
        held = cgroup.memory_held(inside.memory)
        cgroup.limit_memory(inside.memory, int(held * 1.012))
        assert wait_for_line(server, "memory is short: what is kept of earlier prompts is given back", 30)
        until = time.monotonic() + 10
        while cgroup.memory_held(inside.memory) > held - 40 * MIB and time.monotonic() < until:
            time.sleep(0.1)
        assert cgroup.memory_held(inside.memory) <= held - 40 * MIB
        cgroup.limit_memory(inside.memory, 800 * MIB)
        assert wait_for_line(server, "memory is there again", 60)
    finally:
        server.stop()
    assert inside.oom_kills() == 0


@pytest.mark.skipif(os.cpu_count() < 2, reason="needs two cores")
def test_threads_follow_the_quota_while_the_server_runs(samovar, small_model, box):
    inside = box(cores=1)
    server = serve_in(inside, samovar, small_model, "--ctx-size=1024", "--parallel=1")
    try:
        assert "1 threads" in server.logged()
        inside.set_cores(2)
        assert wait_for_line(server, "the CPU quota has changed: 2 compute threads")
        inside.set_cores(0.5)
        assert wait_for_line(server, "the CPU quota has changed: 1 compute thread\n")
    finally:
        server.stop()
