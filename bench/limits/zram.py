"""The largest context inside a limit of memory, with and without swap in compressed memory.

SPDX-License-Identifier: Apache-2.0
"""

import random
import subprocess
from contextlib import contextmanager
from pathlib import Path

from boxed import MIB, Box, copy_of, peak_mib
from full_server import post

CONTROL = Path("/sys/class/zram-control")
ANSWER_TOKENS, SPARE_TOKENS = 16, 64
PRIORITY = "100"


@contextmanager
def zram_swap(n_bytes, algorithm="lzo-rle"):
    """Swap in a zram device of its own. RETURNS the device's folder in /sys/block."""
    number = (CONTROL / "hot_add").read_text().strip()
    folder, device = Path(f"/sys/block/zram{number}"), f"/dev/zram{number}"
    try:
        (folder / "comp_algorithm").write_text(algorithm)
        (folder / "disksize").write_text(str(n_bytes))
        subprocess.run(["mkswap", device], check=True, capture_output=True)
        subprocess.run(["swapon", "--priority", PRIORITY, device], check=True)
        try:
            yield folder
        finally:
            subprocess.run(["swapoff", device], check=True)
    finally:
        (CONTROL / "hot_remove").write_text(number)


def largest_context(box, options, model):
    """What the plan allows at most for one conversation. RETURNS the plan."""
    arguments = ["--parallel=1", *options.serve]
    trained = box.plan(options.bin, model, *arguments)["context_length"]
    plan = box.plan(options.bin, model, f"--ctx-size={trained}", *arguments)
    if plan["fits"]:
        return plan
    changes = [other["change"].split() for other in plan["alternatives"]]
    context = next(words[1] for words in changes if words[0] == "--ctx-size")
    return box.plan(options.bin, model, f"--ctx-size={context}", *arguments)


def fill(server, plan):
    """One prompt as long as the context, and the beginning of an answer. RETURNS the answer's timings."""
    rng = random.Random(7)
    prompt = [rng.randrange(plan["vocabulary"]) for _ in range(plan["context"] - SPARE_TOKENS)]
    return post(server.port, "/completion", {"prompt": prompt, "n_predict": ANSWER_TOKENS, "ignore_eos": True})["timings"]


def row(options, model, name, device=None):
    with Box(memory_bytes=options.memory) as box:
        box.cgroup.come_first()
        plan = largest_context(box, options, model)
        with box.server(options.bin, model, f"--ctx-size={plan['context']}", "--parallel=1", *options.serve) as server:
            timings = fill(server, plan)
            stored, compressed, used = 0, 0, 0
            if device is not None:
                stored, compressed, used = map(int, (device / "mm_stat").read_text().split()[:3])
            ratio = f"{stored / used:.2f}" if stored >= MIB else "-"
            print(f"| {name} | {plan['context']:,} | {plan['total_bytes'] / MIB:,.0f} | {plan['swapped_bytes'] / MIB:,.0f} | "
                  f"{peak_mib(server):,.0f} | {stored / MIB:,.0f} | {ratio} | {timings['prompt_per_second']:.1f} | "
                  f"{timings['predicted_per_second']:.1f} | {box.cgroup.oom_kills()} |", flush=True)


def measure(options):
    print("| swap | largest context | planned MiB | planned in swap | peak in memory | in zram | ratio | prompt tok/s | "
          "answer tok/s | oom_kill |")
    print("|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|")
    with copy_of(options.model, options.folder) as model:
        row(options, model, "none")
        with zram_swap(options.memory) as device:
            row(options, model, "zram", device)
