"""The official npm client of OpenAI against a running server.

Needs node and npm; the client is fetched once into build/openai_npm, in the version of package-lock.json.
SPDX-License-Identifier: Apache-2.0
"""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import harness

HERE = Path(__file__).with_name("openai_npm")
PACKAGE = harness.ROOT / "build/openai_npm"


def fetch_client():
    """Installs what package-lock.json names, unless it is there already."""
    lock = (HERE / "package-lock.json").read_bytes()
    stamp = PACKAGE / "installed-lock.json"
    if stamp.exists() and stamp.read_bytes() == lock:
        return
    shutil.rmtree(PACKAGE, ignore_errors=True)
    PACKAGE.mkdir(parents=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, PACKAGE)
    command = ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    result = subprocess.run(command, cwd=PACKAGE, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    stamp.write_bytes(lock)


@pytest.fixture(scope="module")
def said(server):
    """What the client printed."""
    for program in ("node", "npm"):
        if not shutil.which(program):
            pytest.skip(f"no {program} here")
    fetch_client()
    shutil.copy(HERE / "client.mjs", PACKAGE)
    result = subprocess.run(["node", "client.mjs", server.url], cwd=PACKAGE, capture_output=True, text=True, timeout=300)
    assert result.returncode == 0, result.stderr
    return json.loads(result.stdout)


def test_a_chat_is_the_same_whole_streamed_and_by_the_helper(said):
    streamed = said["streamed_chat"]
    assert said["chat"]
    assert "".join(streamed["pieces"]) == said["chat"] == said["by_helper"]
    assert len(streamed["pieces"]) > 1
    assert streamed["finish"] in ("stop", "length")
    assert streamed["usage"]["completion_tokens"] > 0


def test_a_completion_is_the_same_whole_and_streamed(said):
    assert "".join(said["streamed_completion"]) == said["completion"]
    assert len(said["streamed_completion"]) > 2


def test_a_structured_answer_keeps_to_its_schema(said):
    answer = json.loads(said["structured"])
    assert set(answer) == {"colour"} and isinstance(answer["colour"], str)


def test_a_refusal_is_an_error_of_the_client(said):
    assert said["refusal"]["name"] == "BadRequestError"
    assert said["refusal"]["status"] == 400
    assert said["refusal"]["param"] == "top_logprobs"


def test_a_stream_can_be_left(said, server):
    assert said["stopped_early"] is True
