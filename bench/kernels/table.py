#!/usr/bin/env python3
"""Runs kernel_bench and prints GMAC/s by the number of activation rows T, with shares of the peak loop.

  bench/kernels/table.py [--bin build/bench/bench/kernels/kernel_bench] [--filter stream/qwen2.5-1.5b] [--min-time 0.1]

Says where more rows are slower per row: T is not monotonic. Exit code 1 then.
SPDX-License-Identifier: Apache-2.0
"""

import argparse
import json
import subprocess
import sys

TOLERANCE = 0.03  # of noise


def measure(arguments):
    """(level, {name: macs per second})"""
    command = [arguments.bin, f"--benchmark_filter=^peak$|{arguments.filter}", "--benchmark_format=json",
               f"--benchmark_min_time={arguments.min_time}", f"--benchmark_repetitions={arguments.repetitions}",
               "--benchmark_enable_random_interleaving=true"]
    report = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout)
    best = {}
    for row in report["benchmarks"]:
        if row["run_type"] == "iteration":
            name = row["run_name"]
            best[name] = max(best.get(name, 0), row["macs"])
    return report["context"]["level"], best


def by_matrix(rates):
    """{matrix: {T: macs per second}}"""
    matrices = {}
    for name, rate in rates.items():
        matrix, _, rows = name.rpartition("/")
        if matrix:
            matrices.setdefault(matrix, {})[int(rows)] = rate
    return matrices


def falls(rates):
    """Pairs of T where the rate falls from one to the next."""
    steps = sorted(rates)
    return [(low, high) for low, high in zip(steps, steps[1:]) if rates[high] < rates[low] * (1 - TOLERANCE)]


def print_table(level, peak, matrices):
    columns = sorted({rows for rates in matrices.values() for rows in rates})
    width = max(map(len, matrices), default=0)
    print(f"{level}: int8 peak {peak / 1e9:.0f} GMAC/s; GMAC/s of one thread at T rows")
    print(" " * width, *(f"{f'T={rows}':>7}" for rows in columns), " of peak")
    for matrix, rates in matrices.items():
        cells = (f"{rates[rows] / 1e9:>7.1f}" if rows in rates else f"{'-':>7}" for rows in columns)
        share = max(rates.values()) / peak if peak else 0
        print(f"{matrix:<{width}}", *cells, f"{share:>8.2f}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/bench/bench/kernels/kernel_bench")
    parser.add_argument("--filter", default="stream/", help="a regular expression of names")
    parser.add_argument("--min-time", type=float, default=0.1, help="seconds of each figure")
    parser.add_argument("--repetitions", type=int, default=3,
                        help="the best of so many, in random order: the CPU's clock changes meanwhile")
    level, rates = measure(parser.parse_args())
    matrices = by_matrix(rates)
    print_table(level, rates.get("peak", 0), matrices)
    problems = [f"{matrix}: T={high} is slower per row than T={low}"
                for matrix, row in matrices.items() for low, high in falls(row)]
    print(*problems, sep="\n")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
