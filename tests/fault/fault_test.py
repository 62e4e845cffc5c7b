"""The k-th allocation, write, fsync or rename fails, for k = 1, 2, ...: never a crash, never half a file.

shim.cpp makes the calls fail. A command must end in success with its usual output, or in one error on
stderr with an exit code that is not 0; a signal is a failure of the test.
SPDX-License-Identifier: Apache-2.0
"""

import errno
import itertools
import json

import pytest

import inputs
from faults import FOR_GOOD, assert_clean_end, call_numbers
from file_server import FileServer


def vocabulary():
    path = inputs.VOCABS / "ggml-vocab-refact.gguf"
    if not path.exists():
        pytest.skip("no vocabulary file: tests/golden/inputs.py fetches it")
    return path


@pytest.mark.parametrize("lasting", [0, FOR_GOOD], ids=["once", "for good"])
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
