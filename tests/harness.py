"""How the Python tests drive the binary: runs, models, ISA levels.

SPDX-License-Identifier: Apache-2.0
"""

import json
import os
import subprocess
from pathlib import Path

import pytest

import inputs

ROOT = Path(__file__).resolve().parents[1]

# level -> the CPU flags it needs, as /proc/cpuinfo spells them
LEVELS = {
    "scalar": set(),
    "avx2": {"avx2", "fma", "f16c", "bmi2"},
    "avx512": {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"},
    "vnni": {"avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl", "avx512_vnni"},
}


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


def model_path(name):
    """The path of a real model; skips the test when it has not been fetched."""
    path = inputs.find_model(name)
    if not path:
        pytest.skip(f"model {name} is not here: tests/golden/inputs.py fetches it")
    return path
