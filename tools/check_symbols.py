#!/usr/bin/env python3
"""A kernel unit compiled for one ISA level defines exactly one external symbol: its install_ function.

An inline function shared with baseline code would become one weak symbol, and the linker may keep the
copy with the newer instructions: a crash on older CPUs. So: no weak, unique or common symbol at all.
Reads the objects of a build (--build, default build/release). Exit code 77 (skipped) when there is none.
SPDX-License-Identifier: Apache-2.0
"""

import re
import subprocess
import sys

import source_tree

UNIT = re.compile(r"(?:^|/)(?:avx2|avx512|vnni|neon)_[^/]*\.cpp\.o$")
INSTALL = re.compile(r"(?:[\w:]*::)?install_\w+\(")


def check_object(name, listing):
    """What is wrong with an object, from the lines of `nm -C` (defined, external)."""
    installs = []
    for line in listing.splitlines():
        kind, symbol = line.split(maxsplit=2)[1:]
        if kind == "T" and INSTALL.match(symbol):
            installs.append(symbol)
        else:
            yield f"{name}: external symbol {kind} {symbol}"
    if len(installs) != 1:
        yield f"{name}: {len(installs)} install_ functions, expected exactly one"


def main():
    parser = source_tree.root_argument(__doc__)
    parser.add_argument("--build", help="build folder, default ROOT/build/release")
    arguments = parser.parse_args()
    build = arguments.root / (arguments.build or "build/release")
    objects = [path for path in build.rglob("*.cpp.o") if UNIT.search(path.as_posix())]
    if not objects:
        print(f"symbols: skipped: no kernel objects below {build.name} (build the release preset first)")
        sys.exit(77)
    problems = []
    for path in sorted(objects):
        command = ["nm", "-C", "--defined-only", "--extern-only", path]
        listing = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        problems.extend(check_object(path.name, listing))
    source_tree.report("symbols", problems, checked=len(objects))


if __name__ == "__main__":
    main()
