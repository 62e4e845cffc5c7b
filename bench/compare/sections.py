"""What bench/compare measures, each as one section of docs/benchmarks.md.

SPDX-License-Identifier: Apache-2.0
"""

import os
from dataclasses import replace
from pathlib import Path

import report
from rounds import alternate, busy_neighbours, median, median_ratio


def speed(engines, models, tests, n_rounds):
    """(table, {model: {test: {engine: median}}}) of all engines, with our ratio to each peer."""
    own, *others = [engine.name for engine in engines]
    header = ["model", "test", own, *others, *(f"to {other}" for other in others), "to the best"]
    rows, medians = [], {}
    for model in models:
        rounds = alternate(engines, model, tests, n_rounds)
        name = Path(model).stem
        medians[name] = {}
        for test in rounds[0][own]:
            values = {engine: median(rounds, engine, test) for engine in (own, *others)}
            medians[name][test] = values
            ratios = [median_ratio(rounds, own, other, test) for other in others]
            best = min((ratio for ratio in ratios if ratio is not None), default=None)
            rows.append([name, test, *map(report.speed, values.values()), *map(report.ratio, [*ratios, best])])
    return report.table(header, rows), medians


def ceilings(samovar):
    """How near samovar came to what the machine can do, in its last run of each model."""
    rows = []
    for model, facts in samovar.facts.items():
        for result in facts["results"]:
            rows.append([Path(model).stem, result["test"],
                         f"{result['macs_per_second'] / 1e9:.0f} of {facts['peak_macs_per_second'] / 1e9:.0f}",
                         report.ratio(result["macs_share"]),
                         f"{result['bytes_per_second'] / 1e9:.1f} of {facts['read_bytes_per_second'] / 1e9:.1f}",
                         report.ratio(result["bytes_share"])])
    return report.table(["model", "test", "GMAC/s", "ratio", "GB/s", "ratio"], rows)


def batches(samovar, models, tests, n_rounds, sizes=(1, 2, 4, 8)):
    """Generation of several sequences together, against one alone."""
    tests = replace(tests, prompt=0, depths=(0,), batches=sizes)
    header = ["model", *(f"{size} rows" for size in sizes), *(f"{size} to 1" for size in sizes[1:])]
    rows = []
    for model in models:
        rounds = alternate([samovar], model, tests, n_rounds)
        values = [median(rounds, samovar.name, f"tg{tests.generate}@b{size}") for size in sizes]
        rows.append([Path(model).stem, *map(report.speed, values),
                     *(report.ratio(value / values[0]) for value in values[1:])])
    return report.table(header, rows)


def busy(engines, models, tests, n_rounds):
    """Generation beside one busy process for each core, against the quiet machine."""
    tests = replace(tests, prompt=0, depths=(0,), batches=())
    test, rows = f"tg{tests.generate}", []
    for model in models:
        quiet = alternate(engines, model, tests, n_rounds)
        with busy_neighbours(os.cpu_count()):
            loaded = alternate(engines, model, tests, n_rounds)
        for engine in engines:
            before, after = (median(rounds, engine.name, test) for rounds in (quiet, loaded))
            rows.append([Path(model).stem, engine.name, report.speed(before), report.speed(after),
                         report.ratio(after / before)])
    return report.table(["model", "engine", "quiet", "busy", "kept"], rows)
