#!/usr/bin/env python3
"""samovar beside llama.cpp and ik_llama.cpp: the same files, the same threads, one after the other.

  python3 bench/compare MODEL.gguf... [--depth 4096] [--isa avx2] [--batches] [--busy] [--write]

Builds the peers once (build/peers). Prints Markdown; --write puts it, and a picture for each model, into docs.
SPDX-License-Identifier: Apache-2.0
"""

import argparse
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import engines as programs  # noqa: E402
import peers  # noqa: E402
import report  # noqa: E402
import sections  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
PAGE = ROOT / "docs" / "benchmarks.md"


def parse_arguments():
    parser = argparse.ArgumentParser(prog="bench/compare", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="+")
    parser.add_argument("--bin", default=str(ROOT / "build/release/samovar"))
    parser.add_argument("--isa", choices=("native", "avx2"), default="native")
    names = [peer.name for peer in peers.PEERS]
    parser.add_argument("--peer", action="append", choices=names, help="only this one; may be repeated")
    parser.add_argument("-p", "--prompt", type=int, default=512)
    parser.add_argument("-n", "--generate", type=int, default=48)
    parser.add_argument("-t", "--threads", type=int, default=2)
    parser.add_argument("-d", "--depth", type=int, action="append", help="also behind so many tokens of context")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--batches", action="store_true", help="samovar with 1, 2, 4 and 8 sequences instead")
    parser.add_argument("--busy", action="store_true", help="generation beside busy processes instead")
    parser.add_argument("--label", help="keeps the sections of other machines or models: a word for this one")
    parser.add_argument("--write", action="store_true", help=f"into {PAGE.relative_to(ROOT)}")
    arguments = parser.parse_args()
    arguments.peer = arguments.peer or names
    return arguments


def name_of_run(arguments):
    """What sections and pictures of this run are told apart by."""
    return ", ".join(filter(None, [arguments.isa, arguments.label]))


def draw(medians, run):
    """A picture for each model; RETURNS the Markdown that shows them."""
    shown = ""
    for model, tests in medians.items():
        name = f"benchmark-{model}-{run.replace(', ', '-').replace(' ', '-').lower()}.svg"
        (PAGE.parent / "images" / name).write_text(report.chart(f"{model}, tokens per second", list(tests.items())))
        shown += f"\n![{model}](images/{name})\n"
    return shown


def measure(arguments):
    """(title, body) of the section that was asked for."""
    tests = programs.Tests(arguments.prompt, arguments.generate, (0, *(arguments.depth or ())),
                           threads=arguments.threads)
    all_engines = programs.all_engines(arguments.bin, arguments.isa, [] if arguments.batches else arguments.peer)
    samovar = all_engines[0]
    run = name_of_run(arguments)
    where = report.circumstances(all_engines, arguments.threads, arguments.rounds)
    if arguments.batches:
        return f"Batches, {run}", where + "\n" + sections.batches(
            samovar, arguments.models, tests, arguments.rounds)
    if arguments.busy:
        return f"Beside busy neighbours, {run}", where + "\n" + sections.busy(
            all_engines, arguments.models, tests, arguments.rounds)
    table, medians = sections.speed(all_engines, arguments.models, tests, arguments.rounds)
    pictures = draw(medians, run) if arguments.write else ""
    return f"Speed, {run}", "\n".join(
        [where, table, "samovar beside the machine's ceilings, measured in the same process:\n",
         sections.ceilings(samovar)]) + pictures


def main():
    arguments = parse_arguments()
    title, body = measure(arguments)
    print(f"## {title}\n{body}")
    if arguments.write:
        text = PAGE.read_text(encoding="utf-8") if PAGE.exists() else ""
        PAGE.write_text(report.replace_section(text, title, body), encoding="utf-8")


if __name__ == "__main__":
    main()
