#!/usr/bin/env python3
"""Every C++ file is as clang-format 14 writes it (--fix rewrites). Exit code 77 when it is not installed.

SPDX-License-Identifier: Apache-2.0
"""

import shutil
import subprocess
import sys

import source_tree

TOOL = "clang-format-14"


def main():
    parser = source_tree.root_argument(__doc__)
    parser.add_argument("--fix", action="store_true")
    arguments = parser.parse_args()
    if not shutil.which(TOOL):
        print(f"format: skipped: {TOOL} is not installed (tools/setup.sh test)")
        sys.exit(77)
    names = [name for _, name in source_tree.files(arguments.root, ".cpp", ".h")]
    if arguments.fix:
        subprocess.run([TOOL, "-i", *names], check=True, cwd=arguments.root)
        return
    command = [TOOL, "--dry-run", "-Werror", *names]
    told = subprocess.run(command, capture_output=True, text=True, cwd=arguments.root)
    found = {line.split(":", 1)[0] for line in told.stderr.splitlines() if "[-Wclang-format-violations]" in line}
    problems = [f"{name}: not formatted (make format)" for name in names if name in found]
    if told.returncode and not problems:
        problems = told.stderr.splitlines()
    source_tree.report("format", problems, checked=len(names))


if __name__ == "__main__":
    main()
