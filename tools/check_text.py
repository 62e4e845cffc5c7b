#!/usr/bin/env python3
"""What must not stand in any file: registry hosts, paths of one machine, marks without an issue, and so on.

The patterns are put together from pieces, so that this file passes its own check.
SPDX-License-Identifier: Apache-2.0
"""

import re

import source_tree

HOSTS = ["py" + r"pi\.org", "python" + "hosted", r"registry\." + "npmjs", r"proxy\." + "golang",
         r"sum\." + "golang", "crates" + r"\.io", r"deb\.debian" + r"\.org", r"repo1?\." + "maven"]
FOLDERS = ["work", "farm", "root", "tmp/bash_jobs"]
CODE = (".cpp", ".h", ".cmake", "CMakeLists.txt", "CMakePresets.json")
ASCII = (".cpp", ".h", ".cmake", "CMakeLists.txt", ".sh", ".py")

# (what it is, pattern, which files: all, or names that end so)
RULES = [
    ("a package registry's host", re.compile("|".join(HOSTS)), None),
    ("a path of one machine", re.compile(r"(?<![\w.])/(?:" + "|".join(FOLDERS) + ")/"), None),
    ("a mark without an issue number", re.compile(r"\b(?:TO" + "DO|FIX" + "ME|X" + r"XX)\b(?!\(#\d+\))"), CODE),
    ("std::regex", re.compile("std::" + "regex|<" + "regex>"), CODE),
    ("a global fast-math flag", re.compile("-ffast" + "-math|-Ofast"), CODE),
    ("a character outside ASCII", re.compile(r"[^\x00-\x7f]"), ASCII),
    ("a tab or trailing blank", re.compile(r"\t|[ \t]+$", re.M), CODE),
]
BINARY = (".gguf", ".png", ".ico", ".woff2", ".gz", ".bin")


def is_test_data(name):
    return name.startswith(("tests/golden/", "tests/fuzz/corpus/")) or name.endswith("_test.cpp")


def check_file(name, source):
    for what, pattern, endings in RULES:
        if endings and not name.endswith(endings):
            continue
        if pattern.pattern.startswith("[^\\x00") and is_test_data(name):
            continue
        for match in pattern.finditer(source):
            line = source.count("\n", 0, match.start()) + 1
            yield f"{name}:{line}: {what}: {match.group()!r}"
    if name.startswith("src/") and name.endswith(".h") and not name.endswith(".inc.h"):
        for line in ("#pragma once", "SPDX-License-Identifier: Apache-2.0"):
            if line not in source:
                yield f"{name}: no line with {line}"


def main():
    root = source_tree.root_argument(__doc__).parse_args().root
    problems, checked = [], 0
    for path, name in source_tree.files(root):
        if name.endswith(BINARY) or name.startswith("tests/fuzz/corpus/"):
            continue
        checked += 1
        problems.extend(check_file(name, source_tree.text(path)))
    source_tree.report("text", problems, checked=checked)


if __name__ == "__main__":
    main()
