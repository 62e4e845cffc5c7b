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
    names = {name: path for path, name in source_tree.files(arguments.root, ".cpp", ".h")}
    if arguments.fix:
        subprocess.run([TOOL, "-i", *names.values()], check=True, cwd=arguments.root)
        return
    problems = []
    for name, path in names.items():
        command = [TOOL, "--dry-run", "-Werror", "--ferror-limit=1", path]
        if subprocess.run(command, capture_output=True, cwd=arguments.root).returncode:
            problems.append(f"{name}: not formatted (make format)")
    source_tree.report("format", problems, checked=len(names))


if __name__ == "__main__":
    main()
