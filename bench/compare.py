#!/usr/bin/env python3
"""samovar beside llama.cpp's llama-bench: the same files, the same threads, one after the other.

  bench/compare.py --peer PATH/llama-bench --models A.gguf B.gguf [-p 512] [-n 48] [-t 2] [--rounds 5]

Each round runs both programs once per model, so that a change of the machine's speed meets both. Prints
medians and the median of the rounds' ratios. The peer is built from the PyPI sdist llama-cpp-python,
folder vendor/llama.cpp, CMake target llama-bench.
SPDX-License-Identifier: Apache-2.0
"""

import argparse
import json
import statistics
import subprocess
from pathlib import Path


def run_json(command):
    return json.loads(subprocess.run(command, check=True, capture_output=True).stdout)


def samovar_speeds(options, model):
    report = run_json([options.bin, "bench", model, "-p", str(options.prompt), "-n", str(options.generate),
                       "-t", str(options.threads), "-r", "1", "--json"])
    prompt, generation = (result["tokens_per_second"] for result in report["results"])
    return prompt, generation


def peer_speeds(options, model):
    rows = run_json([options.peer, "-m", model, "-p", str(options.prompt), "-n", str(options.generate),
                     "-t", str(options.threads), "-r", "1", "-o", "json"])
    speeds = {bool(row["n_prompt"]): row["avg_ts"] for row in rows}
    return speeds[True], speeds[False]


def compare(options, model):
    rounds = [(samovar_speeds(options, model), peer_speeds(options, model)) for _ in range(options.rounds)]
    for i, test in enumerate((f"pp{options.prompt}", f"tg{options.generate}")):
        ours = statistics.median(own[i] for own, _ in rounds)
        theirs = statistics.median(peer[i] for _, peer in rounds)
        ratio = statistics.median(own[i] / peer[i] for own, peer in rounds)
        print(f"{Path(model).stem:<40} {test:<8} {ours:>9.2f} {theirs:>9.2f} {ratio:>7.2f}", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release/samovar")
    parser.add_argument("--peer", required=True)
    parser.add_argument("--models", nargs="+", required=True)
    parser.add_argument("-p", "--prompt", type=int, default=512)
    parser.add_argument("-n", "--generate", type=int, default=48)
    parser.add_argument("-t", "--threads", type=int, default=2)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    print(f"{'model':<40} {'test':<8} {'samovar':>9} {'llama.cpp':>9} {'ratio':>7}   tokens per second")
    for model in options.models:
        compare(options, model)


if __name__ == "__main__":
    main()
