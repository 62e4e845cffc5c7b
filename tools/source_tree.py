"""Walks the project's own files for the lint scripts. Knows which folders are ours, nothing else.

SPDX-License-Identifier: Apache-2.0
"""

import os
import sys
from argparse import ArgumentParser
from pathlib import Path

SKIPPED = {".git", ".cache", "__pycache__", "build", "node_modules"}


def files(root, *suffixes, under=None):
    """Yields (path, path relative to root as text) of our files, sorted, with one of the suffixes (none: all)."""
    for folder, subfolders, names in os.walk(root / under if under else root):
        subfolders[:] = sorted(set(subfolders) - SKIPPED)
        for name in sorted(names):
            path = Path(folder) / name
            if name in SKIPPED or path.is_symlink() or (suffixes and not name.endswith(suffixes)):
                continue
            yield path, path.relative_to(root).as_posix()


def text(path):
    return path.read_text(encoding="utf-8", errors="replace")


def root_argument(description):
    """The command line all lint scripts share: an optional --root."""
    parser = ArgumentParser(description=description)
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    return parser


def report(name, problems, notes=(), checked=0):
    """Prints the problems and exits: 0 when there is none, else 1."""
    for note in notes:
        print(f"{name}: note: {note}")
    for problem in problems:
        print(f"{name}: {problem}")
    print(f"{name}: {checked} checked, {len(problems)} problems")
    sys.exit(1 if problems else 0)
