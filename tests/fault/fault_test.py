"""The k-th allocation, write, fsync or rename fails, for k = 1, 2, ...: never a crash, never half a file.

shim.cpp makes the calls fail. A command must end in success with its usual output, or in one error on
stderr with an exit code that is not 0; a signal is a failure of the test.
SPDX-License-Identifier: Apache-2.0
"""

import errno
import itertools
import json
import subprocess
from pathlib import Path

import pytest

import harness
import inputs
from file_server import FileServer

SHIM_SOURCE = Path(__file__).with_name("shim.cpp")
SHIM = harness.ROOT / "build/fault/shim.so"
DENSE = 60  # every k up to here, then each a fifth further than the one before


@pytest.fixture(scope="session")
def shim():
    if not SHIM.exists() or SHIM.stat().st_mtime < SHIM_SOURCE.stat().st_mtime:
        SHIM.parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(["g++", "-std=c++20", "-O1", "-shared", "-fPIC", SHIM_SOURCE, "-o", SHIM], check=True)
    return SHIM


def call_numbers(dense):
    """1, 2, ..., dense, then growing by a fifth; the caller stops when a fault no longer strikes."""
    yield from range(1, dense + 1)
    number = dense
    while True:
        number += max(1, number // 5)
        yield number


class Faults:
    """Runs one command again and again, each time with a later fault."""

    def __init__(self, samovar, shim, scratch):
        self.samovar, self.shim, self.scratch = samovar, shim, scratch

    def run(self, arguments, kind, at, error, lasting=False, env=None, stdin=b""):
        """RETURNS (finished process, whether the fault struck)."""
        report = self.scratch / "struck"
        report.unlink(missing_ok=True)
        fault = {"LD_PRELOAD": str(self.shim), "SAMOVAR_FAULT": kind, "SAMOVAR_FAULT_AT": str(at),
                 "SAMOVAR_FAULT_ERRNO": str(error), "SAMOVAR_FAULT_LASTING": str(int(lasting)),
                 "SAMOVAR_FAULT_REPORT": str(report)}
        result = self.samovar.run(*arguments, stdin=stdin, env={**(env or {}), **fault}, timeout=60)
        return result, report.exists()

    def survives(self, arguments, kind, error, lasting=False, stdin=b"", dense=DENSE):
        """Asserts the rule for every k. RETURNS how many faults struck."""
        usual = self.samovar.output(*arguments, stdin=stdin)
        for struck_so_far, number in enumerate(call_numbers(dense)):
            result, struck = self.run(arguments, kind, number, error, lasting, stdin=stdin)
            if not struck:
                assert result.returncode == 0
                return struck_so_far
            assert_clean_end(result, f"{kind} {number}")
            assert result.returncode != 0 or result.stdout == usual, f"{kind} {number}: success, but other output"


def assert_clean_end(result, what):
    said = result.stderr.decode("utf-8", "replace").strip()
    assert result.returncode >= 0, f"{what}: died of signal {-result.returncode}: {said[-300:]}"
    assert result.returncode == 0 or said, f"{what}: exit {result.returncode} without a word"


@pytest.fixture
def faults(samovar, shim, tmp_path):
    return Faults(samovar, shim, tmp_path)


def vocabulary():
    path = inputs.VOCABS / "ggml-vocab-refact.gguf"
    if not path.exists():
        pytest.skip("no vocabulary file: tests/golden/inputs.py fetches it")
    return path


@pytest.mark.parametrize("lasting", [False, True], ids=["once", "for good"])
@pytest.mark.parametrize("kind", ["malloc", "mmap"])
class TestMemory:
    def test_version(self, faults, kind, lasting):
        faults.survives(["version"], kind, errno.ENOMEM, lasting)

    def test_tokenizing(self, faults, kind, lasting):
        row = json.dumps({"text": "The k-th call fails.", "add_special": True, "parse_special": True})
        command = ["debug", "tokenize", vocabulary()]
        faults.survives(command, kind, errno.ENOMEM, lasting, stdin=row.encode() + b"\n")

    def test_rendering_a_template(self, faults, tmp_path, kind, lasting):
        template = tmp_path / "t.jinja"
        template.write_text("{% for m in messages %}{{ m.role | upper }}: {{ m.content }}\n{% endfor %}")
        row = json.dumps({"messages": [{"role": "user", "content": "hello"}]})
        command = ["debug", "render", "--template-file", template]
        faults.survives(command, kind, errno.ENOMEM, lasting, stdin=row.encode() + b"\n")

    def test_generating(self, faults, small_model, tmp_path, kind, lasting):
        prompt = tmp_path / "prompt.json"
        prompt.write_text("[1, 2, 3]")
        command = ["run", small_model, "--tokens", prompt, "-n", 2, "--temp", 0, "--json"]
        faults.survives(command, kind, errno.ENOMEM, lasting, dense=5)


# ------------------------------------------------------------------------------------------------ files
DISK_FAULTS = [("write", errno.ENOSPC), ("write", errno.EIO), ("write", 0), ("fsync", errno.EIO),
               ("rename", errno.EACCES)]


@pytest.fixture(scope="module")
def served_model(tmp_path_factory):
    """A file server on this machine with one small GGUF file. RETURNS (url, bytes)."""
    content = vocabulary().read_bytes()
    folder = tmp_path_factory.mktemp("served")
    (folder / "tiny.gguf").write_bytes(content)
    with FileServer(folder) as server:
        yield f"{server.url}/tiny.gguf", content


def published(cache):
    """The model files that other programs could find in the cache."""
    return [path for path in cache.rglob("*.gguf") if path.exists() and ".locks" not in path.parts]


@pytest.mark.parametrize("kind, error", DISK_FAULTS)
def test_a_pull_leaves_a_whole_model_or_none(faults, samovar, served_model, tmp_path, kind, error):
    url, content = served_model
    for number in itertools.islice(call_numbers(8), 40):
        home = tmp_path / f"{kind}-{number}"
        cache = home / "hub"
        env = {"HOME": str(home), "HF_HUB_CACHE": str(cache), "XDG_STATE_HOME": str(home / "state")}
        home.mkdir()
        result, struck = faults.run(["pull", url], kind, number, error, env=env)
        assert_clean_end(result, f"{kind} {number}")
        found = published(cache)
        assert bool(found) == (result.returncode == 0), f"{kind} {number}: {result.stderr.decode()}"
        assert all(path.read_bytes() == content for path in found)
        samovar.output("pull", url, env=env)  # the next try succeeds, whatever was left behind
        assert [path.read_bytes() for path in published(cache)] == [content]
        if not struck:
            return
    pytest.fail("the fault still strikes after 40 rounds: the pull writes more often than it should")
