"""Alternated rounds: each engine once per round, so that a change of the machine's speed meets all of them.

SPDX-License-Identifier: Apache-2.0
"""

import contextlib
import os
import statistics
import subprocess
import sys


def alternate(engines, model, tests, n_rounds):
    """[{engine name: {test: tokens per second}}], one for each round."""
    rounds = []
    for number in range(1, n_rounds + 1):
        print(f"compare: {os.path.basename(model)}: round {number} of {n_rounds}", file=sys.stderr, flush=True)
        rounds.append({engine.name: engine.speeds(model, tests) for engine in engines})
    return rounds


def median(rounds, engine, test):
    """None where the engine does not have the test."""
    values = [speeds[engine][test] for speeds in rounds if test in speeds[engine]]
    return statistics.median(values) if values else None


def median_ratio(rounds, engine, other, test):
    """Of the ratios inside each round."""
    ratios = [speeds[engine][test] / speeds[other][test] for speeds in rounds
              if test in speeds[engine] and test in speeds[other]]
    return statistics.median(ratios) if ratios else None


@contextlib.contextmanager
def busy_neighbours(count):
    """`count` processes that compute all the time."""
    neighbours = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for neighbour in neighbours:
            neighbour.kill()
            neighbour.wait()
