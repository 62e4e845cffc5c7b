#!/usr/bin/env python3
"""Files and functions stay small.

Files: a note from 450 lines, a problem above 600 (headers: 200 and 300). Functions: at most 80 lines.
Data tables (*_table.cpp) are exempt. ALLOWED below holds the exceptions with their reasons; it may only
shrink, and an entry that is no longer needed is a problem too.
SPDX-License-Identifier: Apache-2.0
"""

import re

import source_tree

FILE_NOTE, FILE_LIMIT = 450, 600
HEADER_NOTE, HEADER_LIMIT = 200, 300
FUNCTION_LIMIT = 80
FUNCTION_CEILING = 120  # no reason buys more than this

# (file, start of the function's text) -> (lines allowed, why)
ALLOWED = {}

CODE = re.compile(
    r'R"(?P<tag>[^(\s]*)\(.*?\)(?P=tag)"'  # raw string
    r'|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])+\''  # string, character
    r"|//[^\n]*|/\*.*?\*/"  # comments
    r"|^[ \t]*#(?:[^\n\\]|\\.|\\\n)*",  # preprocessor line
    re.S | re.M,
)
SCOPE = re.compile(r"\s*(?:template\s*<.*>\s*)?(?:inline\s+)?(?:namespace|class|struct|union|enum|extern)\b", re.S)


def blank(match):
    return re.sub(r"[^\n]", " ", match.group())


def functions(source):
    """Yields (first line, last line, text before the body) of each outermost function, by counting braces."""
    code = re.sub(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])", " ", source)  # 1'000
    code = CODE.sub(blank, code)
    scopes, head_start, line, head_line = [], 0, 1, 1
    for position, char in enumerate(code):
        if char == "\n":
            line += 1
        if char not in "{};":
            if code[head_start:position].strip() == "":
                head_line = line
            continue
        if char == "{":
            head = code[head_start:position]
            outermost = "function" not in [kind for kind, *_ in scopes]
            if not outermost or head.rstrip().endswith("="):
                kind = "block"
            elif SCOPE.match(head) and ")" not in head:
                kind = "scope"
            else:
                kind = "function" if ")" in head else "block"
            scopes.append((kind, head_line, head))
        elif char == "}" and scopes:
            kind, first, head = scopes.pop()
            if kind == "function":
                yield first, line, " ".join(head.split())
        head_start = position + 1


def check_functions(name, source, used):
    for first, last, head in functions(source):
        lines = last - first + 1
        if lines <= FUNCTION_LIMIT:
            continue
        limit = FUNCTION_LIMIT
        for key, (allowed, _) in ALLOWED.items():
            if key[0] == name and head.startswith(key[1]):
                used.add(key)
                limit = min(allowed, FUNCTION_CEILING)
        if lines > limit:
            yield f"{name}:{first}: function of {lines} lines (at most {limit}): {head[:60]}"


def main():
    root = source_tree.root_argument(__doc__).parse_args().root
    problems, notes, used, checked = [], [], set(), 0
    for path, name in source_tree.files(root, ".cpp", ".h", ".py", ".js", ".sh"):
        if name.endswith("_table.cpp"):
            continue
        checked += 1
        source = source_tree.text(path)
        lines = source.count("\n")
        header = name.endswith(".h")
        note, limit = (HEADER_NOTE, HEADER_LIMIT) if header else (FILE_NOTE, FILE_LIMIT)
        if lines > limit:
            problems.append(f"{name}: {lines} lines (at most {limit}): two nouns in one file?")
        elif lines > note:
            notes.append(f"{name}: {lines} lines (aim below {note})")
        if name.endswith((".cpp", ".h")):
            problems.extend(check_functions(name, source, used))
    for key in set(ALLOWED) - used:
        problems.append(f"{key[0]}: the allowance for '{key[1]}' is no longer needed: remove it")
    source_tree.report("sizes", problems, notes, checked)


if __name__ == "__main__":
    main()
