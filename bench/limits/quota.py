"""A CPU quota: the speed that the server finds by itself beside that of each fixed number of threads.

SPDX-License-Identifier: Apache-2.0
"""

import json
import statistics
import time
from pathlib import Path

from boxed import Box
from full_server import post

QUOTAS = [0.5, 1, 2]
SETTINGS = {"automatic": [], "1 thread": ["--threads=1"], "2 threads": ["--threads=2"]}
SERVED = ["--ctx-size=1024", "--parallel=1"]
PROMPT_TOKENS, ANSWER_TOKENS = 192, 48


def first_box(cores):
    box = Box(cores=cores)
    box.cgroup.come_first()
    return box


def one_round(binary, model, cores, arguments):
    """RETURNS prompt and answer tokens a second, and the share of throttled periods."""
    with first_box(cores) as box, box.server(binary, model, *SERVED, *arguments) as server:
        body = {"n_predict": ANSWER_TOKENS, "ignore_eos": True, "cache_prompt": False, "temperature": 0}
        post(server.port, "/completion", {**body, "prompt": [9, 8, 7], "n_predict": 2})  # the weights are read
        before = box.cgroup.cpu_periods()
        timings = post(server.port, "/completion", {**body, "prompt": list(range(100, 100 + PROMPT_TOKENS))})["timings"]
        periods, throttled = (now - then for now, then in zip(box.cgroup.cpu_periods(), before))
        return timings["prompt_per_second"], timings["predicted_per_second"], throttled / max(1, periods)


def threads_follow(binary, model):
    """What a server says while its quota changes."""
    with first_box(2) as box, box.server(binary, model, *SERVED) as server:
        for cores in (1, 2):
            box.cgroup.set_cores(cores)
            time.sleep(2.5)
        return [line for line in server.logged().splitlines() if "quota" in line]


def measure(options):
    print("| cores | setting | prompt tok/s | answer tok/s | of the best fixed: prompt | answer | throttled periods |")
    print("|--:|---|--:|--:|--:|--:|--:|")
    for cores in QUOTAS:
        rounds = {name: [] for name in SETTINGS}
        for _ in range(options.rounds):
            for name, arguments in SETTINGS.items():
                rounds[name].append(one_round(options.bin, options.model, cores, arguments))
        medians = {name: [statistics.median(column) for column in zip(*rows)] for name, rows in rounds.items()}
        best = [max(medians[name][i] for name in SETTINGS if name != "automatic") for i in (0, 1)]
        for name, (prompt, answer, throttled) in medians.items():
            print(f"| {cores:g} | {name} | {prompt:.1f} | {answer:.1f} | {prompt / best[0]:.2f} | {answer / best[1]:.2f} | "
                  f"{100 * throttled:.1f} % |", flush=True)
    print(*threads_follow(options.bin, options.model), sep="\n")
