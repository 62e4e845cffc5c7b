"""Runs a command with the fault shim (shim.cpp) and judges its end.

SPDX-License-Identifier: Apache-2.0
"""

import os
import signal
import subprocess
from pathlib import Path

import harness

SHIM_SOURCE = Path(__file__).with_name("shim.cpp")
SHIM = harness.ROOT / "build/fault/shim.so"
FOR_GOOD = 10**12  # as `lasting`: no call succeeds any more
DENSE = 60  # every k up to here, then each a fifth further than the one before


def built_shim():
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

    def run(self, arguments, kind, at, error, lasting=0, env=None, stdin=b"", program=None):
        """RETURNS (finished process, whether the fault struck)."""
        fault = self.plan(kind, at, error, lasting, program)
        result = self.samovar.run(*arguments, stdin=stdin, env={**(env or {}), **fault}, timeout=60)
        return result, self.struck()

    def plan(self, kind, at, error, lasting=0, program=None):
        """RETURNS the environment that makes the calls fail."""
        report = self.scratch / "struck"
        report.unlink(missing_ok=True)
        only = {"SAMOVAR_FAULT_IN": program} if program else {}
        return {"LD_PRELOAD": str(self.shim), "SAMOVAR_FAULT": kind, "SAMOVAR_FAULT_AT": str(at),
                "SAMOVAR_FAULT_ERRNO": str(error), "SAMOVAR_FAULT_LASTING": str(lasting),
                "SAMOVAR_FAULT_REPORT": str(report), **only}

    def struck(self):
        return (self.scratch / "struck").exists()

    # For a process that runs with a plan whose `at` is this file.
    def at_file(self, at=0):
        """RETURNS the file; its process begins with `at`."""
        file = self.scratch / "at"
        file.write_text(f"{at}\n")
        return file

    def arm(self, pid, at):
        """The `at`-th call from now on fails; 0: none."""
        (self.scratch / "struck").unlink(missing_ok=True)
        self.at_file(at)
        os.kill(pid, signal.SIGUSR1)

    def survives(self, arguments, kind, error, lasting=0, stdin=b"", dense=DENSE):
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
