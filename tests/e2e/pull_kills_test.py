"""`samovar pull` killed at any moment, from a server with faults: never a wrong file, nothing fetched twice, nothing left.

Ten kills of each kind in the normal tests, two hundred with --large.
SPDX-License-Identifier: Apache-2.0
"""

import json
import random
import subprocess

import pytest

from origin import add_hub_file, model_of, sha256, slowly

CONTENT = model_of(5, 2_000_000)
OTHER = model_of(6, 2_000_000)
CHUNK = 64 << 10  # what a resumed pull may fetch again
REPO, FILE = "u/r", "x-Q4_K_M.gguf"


def cut_somewhere(moments):
    """A fault: a part of what was asked for, then a broken connection."""

    def send(handler):
        first = int(handler.headers.get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
        handler.send_response(206 if first else 200)
        handler.send_header("ETag", f'"{sha256(CONTENT)[:16]}"')
        handler.send_header("Content-Range", f"bytes {first}-{len(CONTENT) - 1}/{len(CONTENT)}")
        handler.send_header("Content-Length", str(len(CONTENT) - first))
        handler.end_headers()
        handler.wfile.write(CONTENT[first : first + moments.randrange(1, 500_000)])
        handler.close_connection = True

    return send


def busy(handler):
    handler.send_answer(503, Retry_After="0")


def another_file(handler):
    """The file has changed: If-Range does not hold any more."""
    handler.send_answer(200, OTHER, ETag='"another"')


def a_wrong_part(handler):
    handler.send_answer(206, CONTENT[7:], ETag='"x"', Content_Range=f"bytes 7-{len(CONTENT) - 1}/{len(CONTENT)}")


def partial_bytes(puller):
    return sum(path.stat().st_size for path in puller.partials())


class Kills:
    """Counts kills, and judges what each left."""

    def __init__(self, puller, server, place, name, right):
        """`place` of the server is pulled as `name`; only the contents `right` may come of it."""
        self.puller, self.server, self.place, self.name, self.right = puller, server, place, name, right
        self.moments = random.Random(7)
        self.n_resumed = 0

    def strike(self):
        """Starts a pull with a fault or two and kills it. RETURNS whether it was still at work."""
        had_bytes, n_asked = partial_bytes(self.puller), len(self.server.gets(self.place))
        faults = [slowly(CONTENT, 0.5)] * 5 + [cut_somewhere(self.moments), busy, a_wrong_part, another_file]
        first = self.moments.choice(faults)
        self.server.faults[self.place] = [first, slowly(CONTENT, 0.5)]
        process = self.puller.start(self.name)
        try:
            process.communicate(timeout=self.moments.uniform(0.02, 0.5))
            at_work = False
        except subprocess.TimeoutExpired:
            process.kill()
            process.communicate()
            at_work = True
        for path in self.puller.models():
            assert path.read_bytes() in self.right
        asked = self.server.gets(self.place)[n_asked:]
        if had_bytes and asked:
            first_byte = int(asked[0].get("Range", "bytes=0-").removeprefix("bytes=").removesuffix("-"))
            assert first_byte >= had_bytes - CHUNK, "what was here is fetched again"
            self.n_resumed += 1
        return at_work

    def finish(self):
        """Lets one pull come to its end, and takes the model away."""
        self.server.faults.clear()
        assert self.puller.pull(self.name) in self.right
        assert self.puller.run("rm", self.name).returncode == 0


@pytest.fixture(params=["hub", "address"])
def kills(request, puller, origin, storage):
    """Of a file whose hash is known, and of one whose hash nobody knows: there the other file is as right, if it is whole."""
    if request.param == "hub":
        place = add_hub_file(origin, storage, REPO, FILE, CONTENT)
        return Kills(puller, storage, place, f"hf:{REPO}:{FILE}", [CONTENT])
    origin.files["/x.gguf"] = CONTENT
    return Kills(puller, origin, "/x.gguf", f"{origin.url}/x.gguf", [CONTENT, OTHER])


def test_pulls_that_are_killed_are_never_wrong_and_leave_nothing(request, puller, kills):
    n_kills = 200 if request.config.getoption("--large") else 10
    struck = 0
    while struck < n_kills:
        if not kills.strike():
            puller.run("rm", kills.name)
        else:
            struck += 1
        if struck % 20 == 19:
            kills.finish()
    assert kills.n_resumed > 0
    assert puller.run("gc").returncode == 0
    left = [path for path in puller.cache.rglob("*") if path.is_file() and path.suffix != ".lock"]
    assert all(path.read_bytes() in kills.right for path in puller.models())
    assert len(left) <= 3, left  # a whole model: its blob, its link, its ref
    assert json.loads(puller.run("du", "--json").stdout)["leftover_bytes"] == 0
    kills.finish()
    puller.run("gc")
    assert not [path for path in puller.cache.rglob("*") if path.is_file() and path.suffix != ".lock"]
