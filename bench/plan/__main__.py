#!/usr/bin/env python3
"""`samovar plan` against the truth: what a server is said to take, and what it takes at its peak.

  bench/plan MODEL.gguf... [--contexts 1024,2048,4096] [--parallel 1,2] [--kv i16,q8_0] [--write]

Each server gets as many requests at the same time as it has slots, whose prompts fill their contexts with tokens from all
over the vocabulary; a text that repeats itself and answers in forms, so that guesses and grammars are made; and uploads that
fill what it holds of request bodies.
Measured is the peak of resident memory (VmHWM): anonymous, the model's mapped pages, the program's own. --write puts table
and picture into docs/guides/plan.md and docs/images/plan.svg; --add keeps the rows of models that are not measured.
SPDX-License-Identifier: Apache-2.0
"""

import argparse
import itertools
import json
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "tests"))
import picture  # noqa: E402
from full_server import fill_and_measure  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
GUIDE, PICTURE = ROOT / "docs/guides/plan.md", ROOT / "docs/images/plan.svg"
BEGIN, END = "<!-- begin: bench/plan -->\n", "<!-- end: bench/plan -->\n"
MIB = 1 << 20
COLUMNS = ["model", "context", "slots", "KV", "planned MiB", "measured MiB", "planned to measured"]


def planned(binary, model, arguments):
    output = subprocess.run([binary, "plan", model, "--json", *arguments], check=True, capture_output=True, text=True)
    return json.loads(output.stdout)


def rows_of(options):
    for model in options.models:
        for context, parallel, kv in itertools.product(options.contexts, options.parallel, options.kv):
            arguments = [f"--ctx-size={context}", f"--parallel={parallel}", f"--kv={kv}"]
            plan = planned(options.bin, model, arguments)
            http = next(line["bytes"] for line in plan["ledger"] if line["name"] == "HTTP")
            peak = fill_and_measure(options.bin, model, arguments, plan, http)
            row = [Path(model).stem, context, parallel, kv, round(plan["total_bytes"] / MIB), round(peak / MIB)]
            print(*row, f"{row[4] / row[5]:.3f}", flush=True)
            yield row


def table(rows):
    lines = ["| " + " | ".join(COLUMNS) + " |", "|---|--:|--:|---|--:|--:|--:|"]
    for row in rows:
        cells = [row[0], f"{row[1]:,}", str(row[2]), row[3], f"{row[4]:,}", f"{row[5]:,}", f"{row[4] / row[5]:.3f}"]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def earlier_rows(text):
    """The rows of the guide's table."""
    rows = []
    for line in text.split(BEGIN)[1].split(END)[0].splitlines()[2:]:
        cells = [cell.strip().replace(",", "") for cell in line.strip("|").split("|")]
        if len(cells) == len(COLUMNS):
            rows.append([cells[0], int(cells[1]), int(cells[2]), cells[3], int(cells[4]), int(cells[5])])
    return rows


def write(rows, keep):
    text = GUIDE.read_text(encoding="utf-8")
    if keep:
        new = {row[0] for row in rows}
        rows = sorted([row for row in earlier_rows(text) if row[0] not in new] + rows, key=lambda row: row[0])
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    GUIDE.write_text(before + BEGIN + table(rows) + END + after, encoding="utf-8")
    PICTURE.write_text(picture.draw(rows), encoding="utf-8")


def numbers(text):
    return [int(word) for word in text.split(",")]


def main():
    parser = argparse.ArgumentParser(prog="bench/plan", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--bin", default="build/release/samovar")
    parser.add_argument("--contexts", type=numbers, default=[1024, 2048, 4096])
    parser.add_argument("--parallel", type=numbers, default=[1, 2])
    parser.add_argument("--kv", type=lambda text: text.split(","), default=["i16", "q8_0"])
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--add", action="store_true", help="with --write: keep the rows of other models")
    options = parser.parse_args()
    rows = list(rows_of(options))
    ratios = [row[4] / row[5] for row in rows]
    print(f"{len(rows)} servers: planned to measured from {min(ratios):.3f} to {max(ratios):.3f}")
    if options.write:
        write(rows, options.add)


if __name__ == "__main__":
    main()
