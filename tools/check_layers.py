#!/usr/bin/env python3
"""A folder of src/ may include only folders with a smaller number in src/LAYERS.

Equal numbers are strangers. Includes within a folder are free. Every include of ours names its folder.
Boost stays in src/net/*.cpp: no header includes it.
SPDX-License-Identifier: Apache-2.0
"""

import re

import source_tree

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"')
BOOST = re.compile(r'^\s*#\s*include\s+[<"]boost/')
BOOST_HOME = re.compile(r"src/net/[^/]+\.cpp")


def read_layers(root):
    layers = {}
    for line in source_tree.text(root / "src" / "LAYERS").splitlines():
        if line.strip() and not line.startswith("#"):
            number, folder = line.split()
            layers[folder] = int(number)
    return layers


def check_include(layers, folder, target):
    """What is wrong with a file of `folder` including `target`, or None."""
    head, slash, _ = target.partition("/")
    if not slash:
        return f'"{target}" names no folder: write "folder/{target}"'
    if head not in layers:
        return f'"{target}": folder {head} is not in src/LAYERS'
    if head == folder or layers[head] < layers[folder]:
        return None
    way = "sideways" if layers[head] == layers[folder] else "upward"
    return f'"{target}": {folder} ({layers[folder]}) includes {way}, {head} is {layers[head]}'


def main():
    root = source_tree.root_argument(__doc__).parse_args().root
    layers = read_layers(root)
    problems, checked = [], 0
    for path, name in source_tree.files(root, ".h", ".cpp", under="src"):
        checked += 1
        folder = name.split("/")[1]
        if folder not in layers:
            problems.append(f"{name}: folder {folder} is not in src/LAYERS")
            continue
        for number, line in enumerate(source_tree.text(path).splitlines(), 1):
            match = INCLUDE.match(line)
            problem = match and check_include(layers, folder, match.group(1))
            if problem:
                problems.append(f"{name}:{number}: {problem}")
            if BOOST.match(line) and not BOOST_HOME.fullmatch(name):
                problems.append(f"{name}:{number}: Boost belongs into src/net/*.cpp alone")
    source_tree.report("layers", problems, checked=checked)


if __name__ == "__main__":
    main()
