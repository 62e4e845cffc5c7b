#!/usr/bin/env python3
"""Code models as a coding assistant asks them: do the answers run, and how soon does the first token come?

  python3 bench/coding humaneval MODEL.gguf... [--peer PATH/llama-server]    164 problems through chat
  python3 bench/coding infill MODEL.gguf... [--peer PATH/llama-server]       20 gaps in the middle of a file
  python3 bench/coding suffix MODEL.gguf... [--peer PATH/llama-server]       the same through /v1/completions
  python3 bench/coding typing MODEL.gguf... [--peer PATH/llama-server]       each key cancels the last request

Answers are greedy and kept in --results: a run that was stopped goes on where it was; --limit asks for a part. Programs
run in bubblewrap. Prints Markdown.
SPDX-License-Identifier: Apache-2.0
"""

import argparse
import concurrent.futures
import os
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
import answers  # noqa: E402
import gaps  # noqa: E402
import humaneval  # noqa: E402
import keystrokes  # noqa: E402
import programs  # noqa: E402
import sandbox  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
SUITES = {"humaneval": humaneval.tasks, "infill": gaps.infill_tasks, "suffix": gaps.suffix_tasks}


def parse_arguments():
    parser = argparse.ArgumentParser(prog="bench/coding", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("suite", choices=(*SUITES, "typing"))
    parser.add_argument("models", nargs="+")
    parser.add_argument("--bin", default=str(ROOT / "build/release/samovar"))
    parser.add_argument("--peer", help="a llama-server")
    parser.add_argument("--streams", type=int, help="requests at once: 8, but for typing 1")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--limit", type=int, help="ask each server for so many answers at most")
    parser.add_argument("--results", type=Path, default=ROOT / "build/results/coding")
    options = parser.parse_args()
    options.streams = options.streams or (1 if options.suite == "typing" else 8)
    return options


def failures(tasks, kept):
    """{task: why its program failed}"""
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        why = pool.map(lambda task: sandbox.failure_of(task.program(kept.by_task[task.name])), tasks)
        return {task.name: text for task, text in zip(tasks, why) if text}


def gather(options, model, tasks):
    """Asks each server for what is missing. RETURNS {program: AnswerFile, or None where the server refuses}."""
    found = {}
    for name, command in programs.commands(options, model).items():
        kept = answers.AnswerFile(options.results / name / Path(model).stem / f"{options.suite}.jsonl")
        try:
            left = answers.collect(command, tasks, kept, options.streams, options.limit)
            found[name] = kept
            if left:
                print(f"coding: {name}: {left} of {len(tasks)} answers are missing", file=sys.stderr)
        except answers.Refused as refused:
            print(f"coding: {name}: {refused}", file=sys.stderr)
            found[name] = None
    return found


def compare(options, model):
    """Prints a row of the table, of the tasks that all servers have answered, and which ones only one of them failed."""
    tasks = SUITES[options.suite]()
    found = gather(options, model, tasks)
    answered = [kept.by_task for kept in found.values() if kept]
    tasks = [task for task in tasks if all(task.name in by_task for by_task in answered)]
    cells, lost = [], []
    for name, kept in found.items():
        failed = failures(tasks, kept) if kept else {}
        for task, why in failed.items():
            print(f"coding: {name}: {task}: {why}", file=sys.stderr)
        cells.append(f"{len(tasks) - len(failed)} of {len(tasks)}" if kept else "refused")
        lost.append(set(failed))
    print(f"| {Path(model).stem} | {' | '.join(cells)} |", flush=True)
    if len(lost) == 2:
        print(f"coding: failed by samovar alone: {' '.join(sorted(lost[0] - lost[1])) or '-'}; "
              f"by llama-server alone: {' '.join(sorted(lost[1] - lost[0])) or '-'}", file=sys.stderr)


def main():
    options = parse_arguments()
    measured = keystrokes.compare if options.suite == "typing" else compare
    columns = list(programs.commands(options, options.models[0]))
    print(f"| {options.suite} | {' | '.join(columns)} |\n|{'---|' * (len(columns) + 1)}")
    for model in options.models:
        measured(options, model)


if __name__ == "__main__":
    main()
