#!/usr/bin/env python3
"""Time from start to ready and memory of an idle server, medians of several starts.

  bench/startup.py --bin build/release/samovar --model MODEL [--starts 5] [--json]

Ready is the moment when /readyz answers 200; the page cache is warm after the first, uncounted start.
SPDX-License-Identifier: Apache-2.0
"""

import argparse
import json
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from server_process import ServerProcess

POLL_SECONDS = 0.002


def memory_mib(pid):
    """Resident memory of a process by kind, in MiB."""
    rows = dict(line.split(":", 1) for line in open(f"/proc/{pid}/status") if line.startswith(("Rss", "VmRSS")))
    return {name: int(value.split()[0]) / 1024 for name, value in rows.items()}


def one_start(binary, model):
    began = time.monotonic()
    server = ServerProcess(binary, model)
    try:
        server.wait_until_ready(POLL_SECONDS)
        ready = time.monotonic() - began
        return {"ready_s": ready, "anonymous_mib": memory_mib(server.pid)["RssAnon"]}
    finally:
        server.stop()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--bin", default="build/release/samovar")
    parser.add_argument("--model", required=True)
    parser.add_argument("--starts", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    one_start(options.bin, options.model)
    starts = [one_start(options.bin, options.model) for _ in range(options.starts)]
    medians = {name: statistics.median(start[name] for start in starts) for name in starts[0]}
    if options.json:
        print(json.dumps({"model": options.model, **medians}))
    else:
        print(f"{options.model}: ready after {1000 * medians['ready_s']:.0f} ms, "
              f"{medians['anonymous_mib']:.1f} MiB anonymous memory when idle (medians of {options.starts})")


if __name__ == "__main__":
    main()
