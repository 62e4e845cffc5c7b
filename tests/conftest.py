"""What all Python tests share: the binary under test and the choice of models and ISA levels.

SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests" / "golden"))
import inputs  # noqa: E402  (its folder is put on the path above)

# level -> the CPU flags it needs, as /proc/cpuinfo spells them
LEVELS = {
    "scalar": set(),
    "avx2": {"avx2", "fma", "f16c", "bmi2"},
    "avx512": {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"},
    "vnni": {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx512_vnni"},
}


def pytest_addoption(parser):
    parser.addoption("--bin", default=str(ROOT / "build/release/samovar"), help="the samovar binary")
    parser.addoption("--isa", default="", help="levels to test, e.g. scalar,avx2 (default: all this machine has)")
    parser.addoption("--large", action="store_true", help="also the larger models")


def pytest_configure(config):
    if not os.access(config.getoption("--bin"), os.X_OK):
        raise pytest.UsageError(f"no binary {config.getoption('--bin')}: run make build, or give --bin")


def pytest_collection_modifyitems(config, items):
    if not config.getoption("--large"):
        for item in items:
            if item.get_closest_marker("large"):
                item.add_marker(pytest.mark.skip(reason="a larger model: make test-all"))


def machine_levels():
    flags = set()
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("flags"):
            flags = set(line.split(":", 1)[1].split())
            break
    return [level for level, needed in LEVELS.items() if needed <= flags]


def chosen_levels(config):
    wanted = config.getoption("--isa")
    return wanted.split(",") if wanted else machine_levels()


class Samovar:
    """Runs the binary."""

    def __init__(self, binary):
        self.binary = binary

    def run(self, *arguments, stdin=b"", isa=None, env=None, timeout=900):
        """RETURNS the finished process, whatever its exit code."""
        environment = {**os.environ, **(env or {})}
        if isa:
            environment["SAMOVAR_ISA"] = isa
        command = [self.binary, *map(str, arguments)]
        return subprocess.run(command, input=stdin, capture_output=True, timeout=timeout, env=environment)

    def output(self, *arguments, **options):
        """RETURNS stdout; fails the test when the exit code is not 0."""
        result = self.run(*arguments, **options)
        said = result.stderr.decode("utf-8", "replace")[-400:].strip()
        assert result.returncode == 0, f"samovar {' '.join(map(str, arguments[:3]))}: exit {result.returncode}: {said}"
        return result.stdout

    def json_lines(self, *arguments, rows, **options):
        """Sends one JSON value a line and RETURNS the answers, one a line."""
        stdin = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()
        answers = self.output(*arguments, stdin=stdin, **options).decode().splitlines()
        assert len(answers) == len(rows), f"{len(rows)} lines in, {len(answers)} out"
        return [json.loads(answer) for answer in answers]


@pytest.fixture(scope="session")
def samovar(request):
    return Samovar(request.config.getoption("--bin"))


def model_path(name):
    """The path of a real model; skips the test when it has not been fetched."""
    path = inputs.find_model(name)
    if not path:
        pytest.skip(f"model {name} is not here: tests/golden/inputs.py fetches it")
    return path


@pytest.fixture(scope="session")
def small_model():
    return model_path(inputs.SMALL)
