"""Mixed load with long prompts inside a limit of memory: what is asked for, and the peak beside the plan.

SPDX-License-Identifier: Apache-2.0
"""

from pathlib import Path

from boxed import MIB, Box, copy_of, peak_mib
from mixed_load import MixedLoad


def measure(options):
    with copy_of(options.model, options.folder) as model, Box(memory_bytes=options.memory) as box:
        plan = box.plan(options.bin, model, *options.serve)
        if not plan["fits"]:
            refused = box.run(options.bin, "serve", model, "--port", "0", *options.serve)
            print(f"refused with exit code {refused.returncode}: {refused.stderr}")
            return
        with box.server(options.bin, model, *options.serve) as server:
            counts = MixedLoad(f"127.0.0.1:{server.port}", plan, options.minutes * 60).run()
            peak = peak_mib(server)
        planned = plan["total_bytes"] / MIB
        answered = ", ".join(f"{kind} {status}: {n}" for (kind, status), n in sorted(counts.items(), key=str))
        print(f"| {Path(options.model).stem} | {options.memory / (1 << 30):g} GiB | {plan['context']:,} x {plan['slots']}, "
              f"{plan['cache_tokens']:,} in all | {planned:,.0f} | {peak:,.0f} | {peak / planned:.3f} | "
              f"{box.cgroup.oom_kills()} | {answered} |", flush=True)
