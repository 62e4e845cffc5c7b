#!/usr/bin/env python3
"""Adds up JUnit reports: test_summary.py FOLDER ["names of the steps that failed"]

Prints every failed test, every skipped one with its reason, and last "N passed, N failed, N skipped".
A doctest binary counts as its test cases. Exit code 1 when a test or a step failed.
SPDX-License-Identifier: Apache-2.0
"""

import re
import sys
import xml.etree.ElementTree as xml
from pathlib import Path

DOCTEST = re.compile(r"test cases:\s*\d+\s*\|\s*(\d+) passed\s*\|\s*(\d+) failed\s*\|\s*(\d+) skipped")
SCRIPT_SKIP = re.compile(r"skipped: (.*)")


class Counts:
    def __init__(self):
        self.passed, self.failed, self.skipped = 0, [], []

    def add(self, case):
        """One <testcase> of ctest or pytest."""
        name = " ".join(dict.fromkeys([case.get("classname", ""), case.get("name", "")]))
        output = case.findtext("system-out") or ""
        skipped = case.find("skipped")
        doctest = DOCTEST.search(output)
        if case.find("failure") is not None or case.find("error") is not None:
            self.failed.append(name)
            self.passed += int(doctest.group(1)) if doctest else 0
        elif skipped is not None:
            own_words = SCRIPT_SKIP.search(output)
            self.skipped.append((name, own_words.group(1) if own_words else skipped.get("message", "")))
        elif doctest:
            self.passed += int(doctest.group(1))
            self.skipped += [(name, "doctest skip")] * int(doctest.group(3))
        else:
            self.passed += 1


def main():
    counts = Counts()
    for report in sorted(Path(sys.argv[1]).glob("*.xml")):
        for case in xml.parse(report).iter("testcase"):
            counts.add(case)
    # A step that broke before any test of it could fail counts as one failure.
    broken_steps = sys.argv[2].strip() if len(sys.argv) > 2 else ""
    for name, reason in counts.skipped:
        print(f"skipped: {name}: {reason}")
    for name in counts.failed:
        print(f"FAILED: {name}")
    n_failed = len(counts.failed)
    if broken_steps:
        print(f"steps that failed: {broken_steps}")
        n_failed = max(n_failed, 1)
    print(f"{counts.passed} passed, {n_failed} failed, {len(counts.skipped)} skipped")
    sys.exit(1 if n_failed else 0)


if __name__ == "__main__":
    main()
