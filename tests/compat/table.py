"""docs/compatibility.md from the JUnit files of both programs.

SPDX-License-Identifier: Apache-2.0
"""

import fnmatch
import xml.etree.ElementTree
from collections import defaultdict
from pathlib import Path

REASONS = Path(__file__).parent / "reasons.txt"
INTRODUCTION = """# Compatibility with llama-server

llama-server's own tests ({source}), run by `python3 tests/compat --write` against `samovar` under the
name `llama-server`, and against llama-server itself, on the same files: a tiny model of random weights in place of the
hub's tiny ones, Qwen2.5 Coder 0.5B where text is filled in. Any text stands for words that only the hub's models say, and
numbers of tokens are those that llama-server counts on the same model.

{total}
"""


def results(junit):
    """{test, with its parameters: "passes", "fails" or "skipped"}"""
    found = {}
    if not junit.exists():
        return found
    for case in xml.etree.ElementTree.parse(junit).iter("testcase"):
        kinds = {child.tag for child in case}
        found[case.get("name")] = ("skipped" if "skipped" in kinds
                                   else "fails" if kinds & {"failure", "error"} else "passes")
    return found


def summary(junit):
    states = list(results(junit).values())
    return ", ".join(f"{states.count(state)} {state}" for state in ("passes", "fails", "skipped") if state in states)


def reasons():
    """[(pattern of file::test, why)]"""
    lines = REASONS.read_text(encoding="utf-8").splitlines()
    return [tuple(part.strip() for part in line.split(" : ", 1)) for line in lines if line and not line.startswith("#")]


def why(name, known):
    return next((reason for pattern, reason in known if fnmatch.fnmatchcase(name, pattern)), "not known")


def cell(states):
    """Of all parameters of one test."""
    passed = states.count("passes")
    if set(states) == {"skipped"}:
        return "not run"
    return "passes" if passed == len(states) else f"{passed} of {len(states)}" if passed else "fails"


def rows(name, theirs, ours, known):
    """Markdown rows of one file, a row for each test."""
    groups = defaultdict(list)
    for case in theirs:
        groups[case.partition("[")[0]].append(case)
    for test, cases in groups.items():
        missed = [case for case in cases if ours.get(case, "fails") != "passes"]
        text = "; ".join(dict.fromkeys(why(f"{name}::{case}", known) for case in missed))
        yield f"| `{test}` | {len(cases)} | {cell([theirs[case] for case in cases])} | " \
              f"{cell([ours.get(case, 'fails') for case in cases])} | {text} |"


def page(files, their_folder, our_folder, source="llama-cpp-python 0.3.36"):
    known = reasons()
    sections, n_theirs, n_both = "", 0, 0
    for name in files:
        theirs, ours = (results(folder / f"{name}.xml") for folder in (their_folder, our_folder))
        passed = [case for case, state in theirs.items() if state == "passes"]
        n_theirs += len(passed)
        n_both += sum(ours.get(case) == "passes" for case in passed)
        sections += f"\n## {name}\n\n| test | cases | llama-server | samovar | why not |\n|---|---|---|---|---|\n"
        sections += "".join(f"{row}\n" for row in rows(name, theirs, ours, known))
    share = 100 * n_both / max(n_theirs, 1)
    total = f"**{n_both} of the {n_theirs} cases that llama-server passes here: {share:.1f} %.**"
    return INTRODUCTION.format(source=source, total=total) + sections
